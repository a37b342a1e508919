using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Runtime;

/// <summary>A model in memory that can be run, by several threads at once.</summary>
/// <remarks>This folder is the only place that knows ONNX Runtime.</remarks>
internal sealed class OnnxSession : IDisposable
{
    /// <summary>As many runs at once as are likely; more make what they need for themselves.</summary>
    private const int KeptRuns = 16;

    private readonly InferenceSession _session;
    private readonly HostMemory _memory;
    private readonly ConcurrentBag<SessionRun> _runs = [];
    private readonly NodeProfile? _profile;

    private OnnxSession(InferenceSession session, ComputeDevice device, NodeProfile? profile)
    {
        (_session, _profile) = (session, profile);
        Signature = new SessionSignature(
            [.. session.InputNames.Select(name => ReadInput(name, session.InputMetadata[name]))],
            [.. session.OutputNames.Select(name => ReadSpec("output", name, session.OutputMetadata[name]))]);
        _memory = HostMemory.For(device, session);
    }

    /// <summary>Read from the session, not from what was registered.</summary>
    public SessionSignature Signature { get; }

    /// <summary>Loads a model file; external data is looked for next to it. Takes as long as the runtime needs: call it off the request path.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="device">What it will run on. On a GPU the session notes what its nodes run on until <see cref="TakePlacement"/>.</param>
    /// <param name="settings">The version's own.</param>
    /// <exception cref="InferenceException">The file is no model that can be served; the message says why.</exception>
    public static OnnxSession Load(string path, ComputeDevice device, InferenceSettings? settings = null)
    {
        RuntimeEnvironment.Ensure();
        InferenceSession? session = null;
        var profile = device.CudaId is null ? null : new NodeProfile();
        try
        {
            using var options = device.CreateSessionOptions(settings, profile?.PathPrefix);
            session = new InferenceSession(path, options);
            return new OnnxSession(session, device, profile);
        }
        catch (OnnxRuntimeException exception)
        {
            session?.Dispose();
            profile?.Dispose();
            throw InferenceException.Model(RuntimeMessage.Clean(exception.Message, Path.GetDirectoryName(path) + Path.DirectorySeparatorChar));
        }
        catch
        {
            session?.Dispose();
            profile?.Dispose();
            throw;
        }
    }

    /// <summary>What the nodes of the runs so far ran on; null on the processor, where there is no choice. To be asked once, after the warm-up.</summary>
    public NodePlacement? TakePlacement() => _profile is null ? null : NodeProfile.End(_session);

    /// <summary>Computes on the calling thread. The inputs may be disposed as soon as this returns.</summary>
    /// <param name="inputs">Each input once, of the right datatype.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    /// <param name="rows">The first dimension that all outputs will have, where that was proved; null where it was not.</param>
    /// <param name="control">Stops it at the next node of the graph.</param>
    /// <exception cref="InferenceException">The model failed on these inputs.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public OutputTensors Run(IReadOnlyList<InputTensor> inputs, IReadOnlyList<string> outputs, long? rows, RunControl control)
    {
        var run = _runs.TryTake(out var kept) ? kept : new SessionRun(_session, Signature, _memory);
        try
        {
            return run.Run(inputs, outputs, rows, control);
        }
        catch (OnnxRuntimeException exception)
        {
            throw control.IsStopped
                ? new OperationCanceledException("The run was stopped.", exception)
                : InferenceException.Model(RuntimeMessage.Clean(exception.Message));
        }
        finally
        {
            if (run.IsReusable && _runs.Count < KeptRuns)
            {
                _runs.Add(run);
            }
            else
            {
                run.Dispose();
            }
        }
    }

    public void Dispose()
    {
        while (_runs.TryTake(out var run))
        {
            run.Dispose();
        }

        _memory.Dispose();
        _session.Dispose();
        _profile?.Dispose();
    }

    private static SessionInput ReadInput(string name, NodeMetadata metadata)
    {
        var spec = ReadSpec("input", name, metadata);
        return new SessionInput(spec, metadata.SymbolicDimensions);
    }

    private static TensorSpec ReadSpec(string role, string name, NodeMetadata metadata)
    {
        if (metadata.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
        {
            throw InferenceException.Model($"The {role} {name} is not a tensor: sequences, maps and sparse tensors cannot be served.");
        }

        var datatype = ElementTypes.DatatypeOf(metadata.ElementDataType)
            ?? throw InferenceException.Model($"The {role} {name} has the element type {metadata.ElementDataType}, which the protocol has no name for.");
        return new TensorSpec(name, datatype, [.. metadata.Dimensions.Select(size => (long)size)]);
    }
}
