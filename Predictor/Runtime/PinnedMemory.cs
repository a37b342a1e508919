using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>
/// Memory of the host that a GPU reads and writes by itself; anything else needs a copy by the driver first. Of a session's own allocator, which keeps
/// what it took from the system until this is disposed and the last piece came back.
/// </summary>
internal sealed class PinnedMemory(OrtAllocator allocator) : ITensorMemory, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<nint, OrtMemoryAllocation> _out = [];
    private bool _disposed;

    /// <inheritdoc />
    /// <exception cref="OnnxRuntimeException">There is none left.</exception>
    public nint Allocate(int length)
    {
        var piece = allocator.Allocate((uint)Math.Max(length, 1));
        var address = piece.DangerousGetHandle();
        lock (_lock)
        {
            _out.Add(address, piece);
        }

        return address;
    }

    public void Free(nint address)
    {
        lock (_lock)
        {
            if (_out.Remove(address, out var piece))
            {
                piece.Dispose();
            }

            DisposeWhenDone_NeedsLock();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            DisposeWhenDone_NeedsLock();
        }
    }

    // A piece goes back to the allocator, so that has to outlive it.
    private void DisposeWhenDone_NeedsLock()
    {
        if (_disposed && _out.Count == 0)
        {
            allocator.Dispose();
        }
    }
}
