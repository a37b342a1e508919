using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Sluice.Predictor.Runtime;

/// <summary>ONNX Runtime's CUDA provider on this machine: whether it works, and how sessions are told to use it.</summary>
internal static class CudaDevice
{
    /// <summary>The provider's name as the runtime writes it.</summary>
    public const string ProviderName = "CUDAExecutionProvider";

    private const string ProviderLibrary = "libonnxruntime_providers_cuda.so";

    // What the provider of 1.29 is linked to, and the two that it opens when an operator needs them (convolutions, Fourier transforms).
    private static readonly string[] Libraries =
        ["libcuda.so.1", "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcurand.so.10", "libcudnn.so.9", "libcufft.so.12"];

    // A library that could not be loaded is not looked for again: what is found at start holds for the process.
    private static readonly ConcurrentDictionary<int, string?> Problems = new();

    /// <summary>y = MatMul(x, x), both FP32 [2, 2]: an ONNX file.</summary>
    private static byte[] Square => Convert.FromBase64String(
        "CAgSDHNsdWljZS10ZXN0czpDEgFnWhMKAXgSDgoMCAESCAoCCAIKAggCYhMKAXkSDgoMCAESCAoCCAIKAggCChQKAXgKAXgSAXkaAXkiBk1hdE11bEIECgAQEQ==");

    /// <summary>Computes something on a device, which proves the libraries, the driver, the device and the code for it, and takes some 0.3 s.</summary>
    /// <param name="deviceId">As CUDA counts the devices that the process may see, from 0.</param>
    /// <returns>Null when it works; else one or two sentences.</returns>
    public static string? FindProblem(int deviceId) => Problems.GetOrAdd(deviceId, Try);

    /// <summary>Puts the provider into the options of a session, before the CPU.</summary>
    /// <param name="options">Of the session.</param>
    /// <param name="deviceId">As CUDA counts.</param>
    /// <param name="memoryLimitBytes">Of the session's arena on the device, weights included; null for none.</param>
    /// <exception cref="OnnxRuntimeException">The provider cannot be loaded, or does not know the device.</exception>
    public static void AddTo(SessionOptions options, int deviceId, long? memoryLimitBytes)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(Settings(deviceId, memoryLimitBytes));
        options.AppendExecutionProvider_CUDA(cuda);
    }

    /// <summary>What differs from the provider's defaults, and why.</summary>
    public static Dictionary<string, string> Settings(int deviceId, long? memoryLimitBytes)
    {
        var settings = new Dictionary<string, string>
        {
            ["device_id"] = deviceId.ToString(CultureInfo.InvariantCulture),

            // The default doubles the arena whenever it is full. Sessions share the device here, and what a session needs at most is asked for in its
            // warm-up: what it asked for is what it gets.
            ["arena_extend_strategy"] = "kSameAsRequested",

            // The default times every algorithm whenever a shape is new, for seconds. Joined requests have many sizes: callers would wait for it again and again.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
        };
        if (memoryLimitBytes is { } limit)
        {
            settings["gpu_mem_limit"] = limit.ToString(CultureInfo.InvariantCulture);
        }

        return settings;
    }

    private static string? Try(int deviceId)
    {
        RuntimeEnvironment.Ensure();
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            AddTo(options, deviceId, memoryLimitBytes: null);
            using var session = new InferenceSession(Square, options);
            using var runOptions = new RunOptions();
            using var x = OrtValue.CreateTensorValueFromMemory([1f, 2f, 3f, 4f], [2, 2]);
            using var outputs = session.Run(runOptions, ["x"], [x], ["y"]);
            var y = outputs[0].GetTensorDataAsSpan<float>();
            return y.SequenceEqual([7f, 10f, 15f, 22f]) ? null : $"device {deviceId} multiplies wrongly: {string.Join(", ", y.ToArray())}.";
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            return Explain(exception.Message);
        }
    }

    /// <summary>The loader names one missing library at a time; whoever installs them wants to know all.</summary>
    private static string Explain(string message)
    {
        var said = RuntimeMessage.Clean(message, AppContext.BaseDirectory).TrimEnd('.') + ".";
        if (said.Contains(ProviderLibrary + ": cannot open", StringComparison.Ordinal))
        {
            return $"{ProviderLibrary} is not part of this build (docs/feed.md).";
        }

        var missing = Libraries.Where(library => !IsThere(library)).ToArray();
        return missing.Length == 0 ? said : $"{said} Missing on this machine: {string.Join(", ", missing)}.";
    }

    private static bool IsThere(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }
}
