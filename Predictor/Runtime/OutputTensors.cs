using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>One output of a run, in the runtime's own memory: valid until its <see cref="OutputTensors"/> is disposed.</summary>
internal readonly struct OutputTensor(string name, string datatype, long[] shape, OrtValue value)
{
    public string Name { get; } = name;

    public string Datatype { get; } = datatype;

    public long[] Shape { get; } = shape;

    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(value.GetTensorMutableRawData());
}

/// <summary>The outputs of a run, in the order they were asked for.</summary>
internal sealed class OutputTensors : IDisposable
{
    private readonly IDisposableReadOnlyCollection<OrtValue> _values;
    private readonly OutputTensor[] _tensors;

    public OutputTensors(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values)
    {
        _values = values;
        _tensors = new OutputTensor[names.Count];
        for (var i = 0; i < _tensors.Length; i++)
        {
            var info = values[i].GetTensorTypeAndShape();
            var datatype = ElementTypes.DatatypeOf(info.ElementDataType)
                ?? throw new InvalidOperationException($"{info.ElementDataType} has no name in the protocol.");
            _tensors[i] = new OutputTensor(names[i], datatype, info.Shape, values[i]);
        }
    }

    public int Count => _tensors.Length;

    public ref readonly OutputTensor this[int index] => ref _tensors[index];

    public void Dispose() => _values.Dispose();
}
