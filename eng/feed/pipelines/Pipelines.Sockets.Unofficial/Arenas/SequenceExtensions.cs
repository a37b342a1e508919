namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>Makes one thing of another.</summary>
public delegate TTo Projection<TFrom, out TTo>(in TFrom from);

/// <summary>Makes one thing of another with the help of a third.</summary>
public delegate TTo Projection<TFrom, TState, out TTo>(in TFrom from, in TState state);

/// <summary>Copies of what is in sequences.</summary>
public static class SequenceExtensions
{
    /// <summary>Projects the elements into a span, which is at least as long.</summary>
    public static void CopyTo<TFrom, TTo>(this in Sequence<TFrom> source, Span<TTo> destination, Projection<TFrom, TTo> projection)
    {
        var from = source.FirstSpan;
        if (destination.Length < from.Length)
        {
            throw new ArgumentException($"{from.Length} elements do not fit into {destination.Length}.", nameof(destination));
        }

        for (var i = 0; i < from.Length; i++)
        {
            destination[i] = projection(from[i]);
        }
    }

    /// <summary>Projects the elements into an array.</summary>
    public static TTo[] ToArray<TFrom, TTo>(this in Sequence<TFrom> source, Projection<TFrom, TTo> projection)
    {
        var array = new TTo[source.Length];
        source.CopyTo(array, projection);
        return array;
    }

    /// <summary>Projects the elements into an array with the help of a state.</summary>
    public static TTo[] ToArray<TFrom, TState, TTo>(this in Sequence<TFrom> source, Projection<TFrom, TState, TTo> projection, in TState state)
    {
        var from = source.FirstSpan;
        var array = new TTo[from.Length];
        for (var i = 0; i < from.Length; i++)
        {
            array[i] = projection(from[i], state);
        }

        return array;
    }
}
