namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>A <see cref="Sequence{T}"/> whose elements' type is not named, so that a struct can hold a sequence of itself.</summary>
public readonly struct Sequence
{
    private readonly Array? _array;
    private readonly int _offset;
    private readonly int _length;

    internal Sequence(Array? array, int offset, int length) => (_array, _offset, _length) = (array, offset, length);

    /// <summary>Elements.</summary>
    public long Length => _length;

    /// <summary>The same with its elements' type.</summary>
    /// <exception cref="InvalidCastException">They are of another type.</exception>
    public Sequence<T> Cast<T>() => new((T[]?)_array, _offset, _length);
}

/// <summary>Elements of an arena, in one piece. The default one is empty.</summary>
/// <typeparam name="T">The elements.</typeparam>
public readonly struct Sequence<T>
{
    private readonly T[]? _array;
    private readonly int _offset;
    private readonly int _length;

    internal Sequence(T[]? array, int offset, int length) => (_array, _offset, _length) = (array, offset, length);

    /// <summary>Elements.</summary>
    public long Length => _length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>Whether they lie in one piece: they always do.</summary>
    public bool IsSingleSegment => true;

    /// <summary>All elements.</summary>
    public Span<T> FirstSpan => new(_array, _offset, _length);

    /// <summary>The pieces: one.</summary>
    public SpanEnumerable Spans => new(this);

    /// <summary>One element.</summary>
    /// <exception cref="IndexOutOfRangeException">There is none.</exception>
    public ref T this[int index] => ref FirstSpan[index];

    /// <summary>The same without its elements' type.</summary>
    public Sequence Untyped() => new(_array, _offset, _length);

    /// <summary>Goes over the elements.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Goes over the elements, by reference.</summary>
    public struct Enumerator
    {
        private readonly Sequence<T> _sequence;
        private int _index;

        internal Enumerator(Sequence<T> sequence) => (_sequence, _index) = (sequence, -1);

        /// <summary>The element it stands at.</summary>
        public readonly ref T Current => ref _sequence[_index];

        /// <summary>Goes on; false at the end.</summary>
        public bool MoveNext() => ++_index < _sequence._length;

        /// <summary>Goes on and answers the element.</summary>
        /// <exception cref="InvalidOperationException">There is none.</exception>
        public ref T GetNext()
        {
            if (!MoveNext())
            {
                throw new InvalidOperationException("The sequence has no more elements.");
            }

            return ref Current;
        }
    }

    /// <summary>The pieces of a sequence.</summary>
    public readonly struct SpanEnumerable
    {
        private readonly Sequence<T> _sequence;

        internal SpanEnumerable(Sequence<T> sequence) => _sequence = sequence;

        /// <summary>Goes over them.</summary>
        public SpanEnumerator GetEnumerator() => new(_sequence);
    }

    /// <summary>Goes over the pieces of a sequence: one, or none when it is empty.</summary>
    public struct SpanEnumerator
    {
        private readonly Sequence<T> _sequence;
        private bool _moved;

        internal SpanEnumerator(Sequence<T> sequence) => _sequence = sequence;

        /// <summary>The piece it stands at.</summary>
        public readonly Span<T> Current => _sequence.FirstSpan;

        /// <summary>Goes on; false at the end.</summary>
        public bool MoveNext()
        {
            var first = !_moved && !_sequence.IsEmpty;
            _moved = true;
            return first;
        }
    }
}
