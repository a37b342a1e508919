namespace Pipelines.Sockets.Unofficial;

/// <summary>Looks into multicast delegates without making arrays of their parts.</summary>
public static class Delegates
{
    /// <summary>Whether it calls one method only.</summary>
    public static bool IsSingle(this MulticastDelegate handler) => handler.HasSingleTarget;

    /// <summary>The methods that it calls, one by one; none for null.</summary>
    public static DelegateEnumerable<T> AsEnumerable<T>(this T? handler)
        where T : MulticastDelegate => new(handler);

    /// <summary>The parts of a delegate.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    public readonly struct DelegateEnumerable<T>
        where T : MulticastDelegate
    {
        private readonly T? _handler;

        internal DelegateEnumerable(T? handler) => _handler = handler;

        /// <summary>Goes over them.</summary>
        public DelegateEnumerator<T> GetEnumerator() => new(_handler);
    }

    /// <summary>Goes over the parts of a delegate.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    public struct DelegateEnumerator<T>
        where T : MulticastDelegate
    {
        private Delegate.InvocationListEnumerator<T> _parts;

        internal DelegateEnumerator(T? handler) => _parts = Delegate.EnumerateInvocationList(handler);

        /// <summary>The part it stands at.</summary>
        public T Current => _parts.Current;

        /// <summary>Goes on; false at the end.</summary>
        public bool MoveNext() => _parts.MoveNext();
    }
}
