using System.Diagnostics;
using Sluice.Registry.Onnx;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Onnx;

/// <summary>Whatever the bytes: an answer or a refusal, soon, without much memory. Seeds are fixed, so a failure repeats.</summary>
public sealed class OnnxFuzzTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 4_000 : 400_000;

    private static readonly byte[][] Seeds =
    [
        OnnxModels.Classifier(),
        OnnxModels.Slow(),
        OnnxModels.ExternalData("weights.bin", 1, 2, 3).Model,
        OnnxModels.SumAndDifference(),
        .. Hostile.ExternalTensors("w.bin").Select(pair => pair.Model),
    ];

    [Fact]
    public void Random_bytes_are_refused()
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            Assert.False(TryRead(bytes, round));
        }
    }

    [Fact]
    public void Models_with_bytes_changed_cut_out_doubled_or_swapped_are_read_or_refused()
    {
        var random = new Random(2);
        var read = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Seeds[random.Next(Seeds.Length)];
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes = Mutate(bytes, random);
            }

            read += TryRead(bytes, round) ? 1 : 0;
        }

        // Some changes hit what the reader passes over, most do not: the mutations are neither all fatal nor all harmless.
        Assert.InRange(read, Rounds / 50, Rounds * 49 / 50);
    }

    [Fact]
    public void Lengths_that_lie_are_refused()
    {
        foreach (var huge in new[] { int.MaxValue, long.MaxValue, -1L, 1L << 40 })
        {
            foreach (var field in new[] { 1, 7, 8, 20, 25 })
            {
                var bytes = Hostile.Model(Seeds[0], model => model.Int((field << 3 | 2) >> 3, huge));
                bytes[Seeds[0].Length] |= 2; // the number becomes the length of what should follow
                Assert.False(TryRead(bytes, field));
            }
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        if (bytes.Length < 4)
        {
            return [.. bytes, 0, 0, 0, 0];
        }

        var at = random.Next(bytes.Length - 2);
        var length = random.Next(1, Math.Min(40, bytes.Length - at));
        switch (random.Next(6))
        {
            case 0:
                return Changed(at, (byte)random.Next(256));
            case 1:
                return Changed(at, (byte)(bytes[at] ^ (1 << random.Next(8))));
            case 2:
                return Changed(at, 0xFF);
            case 3:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            default:
                return [.. bytes[(at + length)..], .. bytes[..(at + length)]];
        }

        byte[] Changed(int index, byte value)
        {
            var copy = bytes.ToArray();
            copy[index] = value;
            return copy;
        }
    }

    private static bool TryRead(byte[] bytes, int round)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var isRead = false;
        try
        {
            var model = OnnxReader.Read(new MemoryStream(bytes));
            Assert.NotEmpty(model.Signature.Inputs);
            Assert.NotEmpty(model.Signature.Outputs);
            Assert.All(model.Signature.Inputs, input => Assert.All(input.Shape, size => Assert.True(size >= -1)));
            isRead = true;
        }
        catch (OnnxFormatException exception)
        {
            Assert.False(string.IsNullOrWhiteSpace(exception.Message));
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 300_000, $"round {round} allocated {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2), $"round {round} took {Stopwatch.GetElapsedTime(start)}");
        return isRead;
    }
}
