using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Sluice.Contracts;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Sluice.Predictor.Runtime;

/// <summary>What models run on in this process, and why.</summary>
internal sealed class ComputeDevice
{
    /// <summary>The name of the processor as a device.</summary>
    public const string Cpu = "cpu";

    private readonly int _intraOpThreads;
    private readonly long? _memoryLimitBytes;

    private ComputeDevice(PredictorOptions options, int? cudaId, string reason, bool isFallback)
    {
        CudaId = cudaId;
        Name = cudaId is { } id ? $"cuda:{id}" : Cpu;
        Reason = reason;
        IsFallback = isFallback;
        _intraOpThreads = options.IntraOpThreads;
        _memoryLimitBytes = options.GpuMemoryLimitBytes;
    }

    /// <summary><c>cpu</c>, or <c>cuda:0</c> with the number of <see cref="CudaId"/>.</summary>
    public string Name { get; }

    /// <summary>Why it is this one: a sentence for the log, the Registry, the metadata and the metric.</summary>
    public string Reason { get; }

    /// <summary>Whether it is the CPU although there was reason to expect a GPU: CUDA was asked for, or the machine has an NVIDIA device.</summary>
    public bool IsFallback { get; }

    /// <summary>The device as CUDA counts those that the process may see; null on the CPU.</summary>
    public int? CudaId { get; }

    /// <summary>Chooses by the settings, trying CUDA where they ask for it.</summary>
    /// <exception cref="OptionsValidationException">CUDA does not work and the settings allow no other device; the failure is one line that names the key.</exception>
    public static ComputeDevice Choose(PredictorOptions options) =>
        Choose(options, CudaDevice.FindProblem, File.Exists("/dev/nvidia0"));

    /// <summary>As the settings and the machine say.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="findProblem">Says of a device why CUDA does not work on it; null when it works. Not called when CUDA is not asked for.</param>
    /// <param name="hasDevice">Whether the machine has an NVIDIA device, whatever works on it.</param>
    /// <exception cref="OptionsValidationException">As above.</exception>
    internal static ComputeDevice Choose(PredictorOptions options, Func<int, string?> findProblem, bool hasDevice)
    {
        if (options.Provider == PredictorOptions.Cpu)
        {
            return new ComputeDevice(options, null, "CUDA is not asked for (Predictor:Provider is cpu).", isFallback: false);
        }

        var asked = options.Provider == PredictorOptions.Cuda;
        if (findProblem(options.DeviceId) is not { } problem)
        {
            return new ComputeDevice(options, options.DeviceId, $"CUDA works on device {options.DeviceId} (Predictor:Provider is {options.Provider}).", isFallback: false);
        }

        problem = $"CUDA cannot be used on device {options.DeviceId}: {problem}";
        return options.AllowCpuFallback ?? !asked
            ? new ComputeDevice(options, null, $"{problem} (Predictor:Provider is {options.Provider}.)", isFallback: asked || hasDevice)
            : throw new OptionsValidationException(Options.DefaultName, typeof(PredictorOptions),
            [
                (options.AllowCpuFallback is null ? "Predictor:Provider is cuda" : "Predictor:AllowCpuFallback is false")
                    + $", but {problem} Set Predictor:AllowCpuFallback to true to run on the CPU then.",
            ]);
    }

    /// <summary>Session options for a model on this device. The caller disposes them.</summary>
    /// <param name="settings">The version's own, which go before those of the process.</param>
    /// <param name="profilePath">
    /// What the file begins with that the session writes of its nodes until <c>EndProfiling</c>, for <see cref="NodePlacement"/>; null for no file.
    /// </param>
    /// <remarks>
    /// One thread a run by default: requests are rows, not epochs. A row of a small model is done in microseconds, less than handing work to other
    /// threads takes, and with as many requests at once as there are cores the cores are busy without it. More threads a run pay for large models
    /// with few callers (<see cref="PredictorOptions.IntraOpThreads"/>); they do not spin, since spinning burns the time of the other requests.
    /// On CUDA the weights stay in the session's arena (not <c>session.use_device_allocator_for_initializers</c>), so that the memory limit holds for
    /// them too; nothing is wasted by that, as the arena grows by what is asked for.
    /// </remarks>
    public SessionOptions CreateSessionOptions(InferenceSettings? settings = null, string? profilePath = null)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = settings?.IntraOpThreads ?? _intraOpThreads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,

            // The arena costs every small model some 50 KiB, keeps what its largest batch took, and saves no time that could be measured.
            EnableCpuMemArena = false,
        };
        try
        {
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            if (profilePath is not null)
            {
                options.ProfileOutputPathPrefix = profilePath;
                options.EnableProfiling = true;
            }

            if (CudaId is { } id)
            {
                CudaDevice.AddTo(options, id, settings?.GpuMemoryLimitBytes ?? _memoryLimitBytes);
            }

            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
