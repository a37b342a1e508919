using Sluice.Contracts;
using Sluice.Registry.Streams;

namespace Sluice.Registry.Models;

/// <summary>How far one upload is: told by the request that takes it in, asked by others.</summary>
internal sealed class UploadTracker(string id, string model, long? total, TimeProvider time)
{
    private readonly Lock _lock = new();
    private UploadProgress _progress = new()
    {
        Id = id,
        Model = model,
        Phase = UploadPhase.Receiving,
        Bytes = 0,
        Total = total,
        StartedAt = time.GetUtcNow(),
    };

    private long _bytes;
    private long _touched = time.GetTimestamp();

    /// <summary>How far it is now.</summary>
    public UploadProgress Progress
    {
        get
        {
            lock (_lock)
            {
                return _progress with { Bytes = Interlocked.Read(ref _bytes) };
            }
        }
    }

    /// <summary>Whether nothing more comes.</summary>
    public bool IsOver => Progress.Phase is UploadPhase.Done or UploadPhase.Failed;

    /// <summary>Time since something happened.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _touched));

    /// <summary>The body, counted while it is read.</summary>
    public Stream Count(Stream body) => new CountedStream(body, Receive);

    /// <summary>A file begins.</summary>
    public void BeginFile(string path) => Change(progress => progress with { File = path });

    /// <summary>The next phase begins.</summary>
    public void Enter(UploadPhase phase) => Change(progress => progress with { Phase = phase });

    /// <summary>It is a version.</summary>
    public void Done(int version) => Change(progress => progress with { Phase = UploadPhase.Done, Version = version });

    /// <summary>Nothing of it is kept.</summary>
    public void Fail(string reason) => Change(progress => progress with { Phase = UploadPhase.Failed, Reason = reason });

    private void Change(Func<UploadProgress, UploadProgress> change)
    {
        lock (_lock)
        {
            _progress = change(_progress);
        }

        Interlocked.Exchange(ref _touched, time.GetTimestamp());
    }

    private void Receive(int count)
    {
        Interlocked.Add(ref _bytes, count);
        Interlocked.Exchange(ref _touched, time.GetTimestamp());
    }

    private sealed class CountedStream(Stream inner, Action<int> received) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            received(count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            received(read);
            return read;
        }
    }
}
