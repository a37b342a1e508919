using System.Runtime.InteropServices;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// One output of a run, in the form of the protocol's binary extension (<see cref="InputTensor"/>): valid until its <see cref="OutputTensors"/> is
/// disposed.
/// </summary>
internal readonly unsafe struct OutputTensor(string name, string datatype, long[] shape, nint address, int length)
{
    public string Name { get; } = name;

    public string Datatype { get; } = datatype;

    public long[] Shape { get; } = shape;

    public ReadOnlySpan<byte> Bytes => new((void*)address, length);

    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    /// <summary>Some of its rows, the first dimension.</summary>
    public OutputTensor Rows(long start, long count)
    {
        var (from, to) = ElementTypes.SizeOf(Datatype) == 0
            ? (RawStrings.LengthOf(Bytes, start * ElementsPerRow), RawStrings.LengthOf(Bytes, (start + count) * ElementsPerRow))
            : ((int)(length / Shape[0] * start), (int)(length / Shape[0] * (start + count)));
        long[] shape = [.. Shape];
        shape[0] = count;
        return new OutputTensor(Name, Datatype, shape, address + from, to - from);
    }

    private long ElementsPerRow
    {
        get
        {
            var count = 1L;
            foreach (var size in Shape.AsSpan(1))
            {
                count *= size;
            }

            return count;
        }
    }
}

/// <summary>Outputs of a run as one caller sees them, in the order that it asked for: all rows, or those of its own. Holds the run's memory.</summary>
internal sealed class OutputTensors(OutputTensor[] tensors, OutputMemory memory) : IDisposable
{
    private OutputMemory? _memory = memory;

    public int Count => tensors.Length;

    public ref readonly OutputTensor this[int index] => ref tensors[index];

    /// <summary>The index of an output; -1 when it was not computed.</summary>
    public int IndexOf(string name) => Array.FindIndex(tensors, tensor => tensor.Name == name);

    public void Dispose() => Interlocked.Exchange(ref _memory, null)?.Release();

    /// <summary>Gives a caller its part; null for the rows takes all. The caller disposes it, and the memory lives until the last one did.</summary>
    public OutputTensors Share(IReadOnlyList<string> names, (long Start, long Count)? rows)
    {
        var part = new OutputTensor[names.Count];
        for (var i = 0; i < part.Length; i++)
        {
            ref readonly var tensor = ref tensors[IndexOf(names[i])];
            part[i] = rows is var (start, count) ? tensor.Rows(start, count) : tensor;
        }

        var shared = _memory ?? throw new ObjectDisposedException(nameof(OutputTensors));
        shared.Retain();
        return new OutputTensors(part, shared);
    }
}

/// <summary>What the outputs of a run lie in; freed when its last holder lets go. Made with one holder.</summary>
internal sealed class OutputMemory
{
    private readonly List<IDisposable> _parts = [];
    private int _holders = 1;

    /// <summary>Takes over a part.</summary>
    public T Add<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _parts.ForEach(static part => part.Dispose());
        }
    }
}
