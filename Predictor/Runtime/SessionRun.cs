using Microsoft.ML.OnnxRuntime;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// What one run of a session needs beside its tensors: binding and options, made once and used again, by one run at a time. Inputs are read where
/// they lie; outputs whose shape is known beforehand are written into pooled memory, the others into memory of the runtime.
/// </summary>
internal sealed class SessionRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly SessionSignature _signature;
    private readonly HostMemory _memory;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly List<IDisposable> _values = [];

    public SessionRun(InferenceSession session, SessionSignature signature, HostMemory memory)
    {
        (_session, _signature, _memory) = (session, signature, memory);
        _binding = session.CreateIoBinding();
    }

    /// <summary>Whether it can be used again: not after it was stopped, since its options may stop the next run, too.</summary>
    public bool IsReusable { get; private set; } = true;

    /// <summary>Computes on the calling thread.</summary>
    /// <param name="inputs">Each input once, of the right datatype.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    /// <param name="rows">The first dimension that all outputs will have; null when that is not known.</param>
    /// <param name="control">Stops it.</param>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public OutputTensors Run(IReadOnlyList<InputTensor> inputs, IReadOnlyList<string> outputs, long? rows, RunControl control)
    {
        var tensors = new OutputTensor[outputs.Count];
        var memory = new OutputMemory();
        try
        {
            Bind(inputs);
            for (var i = 0; i < tensors.Length; i++)
            {
                tensors[i] = BindOutput(outputs[i], rows, memory);
            }

            RunBound(control);
            TakeOutputs(outputs, tensors, memory);
            return new OutputTensors(tensors, memory);
        }
        catch
        {
            memory.Release();
            throw;
        }
        finally
        {
            _binding.ClearBoundInputs();
            _binding.ClearBoundOutputs();
            _values.ForEach(static value => value.Dispose());
            _values.Clear();
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
    }

    private void Bind(IReadOnlyList<InputTensor> inputs)
    {
        foreach (var input in inputs)
        {
            var value = input.Datatype == Datatype.Bytes ? RawStrings.ToValue(input.Bytes, input.Shape) : ValueOver(input);
            _values.Add(value);
            _binding.BindInput(input.Name, value);
        }
    }

    // A GPU reads pinned memory by itself; from anywhere else the driver would copy piece by piece and wait.
    private OrtValue ValueOver(InputTensor input)
    {
        if (_memory.Pool == TensorPool.Shared)
        {
            return ValueOver(input.Datatype, input.Shape, input.Address, input.Bytes.Length);
        }

        var pinned = new TensorBuffer(input.Bytes.Length, _memory.Pool);
        _values.Add(pinned);
        input.Bytes.CopyTo(pinned.Bytes);
        return ValueOver(input.Datatype, input.Shape, pinned.Address, pinned.Length);
    }

    // Without a name where the runtime makes the memory itself.
    private OutputTensor BindOutput(string name, long? rows, OutputMemory memory)
    {
        var spec = _signature.FindOutput(name)!;
        if (rows is null || ElementTypes.SizeOf(spec.Datatype) == 0 || spec.Shape.Count == 0 || spec.Shape.Skip(1).Any(size => size < 0))
        {
            _binding.BindOutputToDevice(name, spec.Datatype == Datatype.Bytes ? OrtMemoryInfo.DefaultInstance : _memory.Info); // strings are the processor's
            return default;
        }

        long[] shape = [rows.Value, .. spec.Shape.Skip(1)];
        var length = ShapeText.TryCount(shape) is { } elements ? (Int128)elements * ElementTypes.SizeOf(spec.Datatype) : long.MaxValue;
        var buffer = memory.Add(new TensorBuffer(
            length <= Array.MaxLength ? (int)length : throw InferenceException.Model($"The output {name} would have more than 2 GiB."), _memory.Pool));
        var value = ValueOver(spec.Datatype, shape, buffer.Address, buffer.Length);
        _values.Add(value);
        _binding.BindOutput(name, value);
        return new OutputTensor(name, spec.Datatype, shape, buffer.Address, buffer.Length);
    }

    private void RunBound(RunControl control)
    {
        control.Enter(_options);
        try
        {
            _session.RunWithBinding(_options, _binding);
            _binding.SynchronizeBoundOutputs();
        }
        finally
        {
            control.Leave();
            IsReusable = !control.IsStopped;
        }
    }

    private void TakeOutputs(IReadOnlyList<string> names, OutputTensor[] tensors, OutputMemory memory)
    {
        if (Array.TrueForAll(tensors, tensor => tensor.Name is not null))
        {
            return;
        }

        var values = memory.Add(_binding.GetOutputValues()); // in the order they were bound in
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].Name is null)
            {
                tensors[i] = Take(names[i], values[i], memory);
            }
        }
    }

    private static unsafe OutputTensor Take(string name, OrtValue value, OutputMemory memory)
    {
        var info = value.GetTensorTypeAndShape();
        var datatype = ElementTypes.DatatypeOf(info.ElementDataType)
            ?? throw InferenceException.Model($"The output {name} has the element type {info.ElementDataType}, which the protocol has no name for.");
        if (datatype == Datatype.Bytes)
        {
            var buffer = memory.Add(RawStrings.FromValue(value, info.ElementCount));
            return new OutputTensor(name, datatype, info.Shape, buffer.Address, buffer.Length);
        }

        fixed (byte* address = value.GetTensorMutableRawData()) // native memory, which stays where it is
        {
            return new OutputTensor(name, datatype, info.Shape, (nint)address, (int)value.GetTensorSizeInBytes());
        }
    }

    private OrtValue ValueOver(string datatype, long[] shape, nint address, int length) =>
        OrtValue.CreateTensorValueWithData(_memory.Info, ElementTypes.ElementOf(datatype), shape, address, length);
}
