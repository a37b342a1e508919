using System.Buffers;
using FsCheck.Fluent;
using Google.Protobuf;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Protos;

namespace Sluice.Gateway.Tests.Grpc;

/// <summary>The look at the first message of a call: finds what is there, takes no more than its bound, and fails at nothing.</summary>
public sealed class FirstMessageTests
{
    [Theory]
    [InlineData("wine", "")]
    [InlineData("wine", "3")]
    [InlineData("", "3")]
    [InlineData("", "")]
    public void Model_and_version_are_found_before_the_tensors_are_there(string model, string version)
    {
        var whole = Frame(new ModelInferRequest { ModelName = model, ModelVersion = version, Id = "a", RawInputContents = { ByteString.CopyFrom(new byte[100_000]) } });

        var first = Read(whole[..64], isAll: false);

        Assert.Equal((model, version), (first.Model, first.Version));
        Assert.Equal(whole.Length - 5, first.Length);
        Assert.True(first.IsThere);
    }

    [Fact]
    public void It_waits_for_no_more_than_it_needs()
    {
        var whole = Frame(new ModelInferRequest { ModelName = "wine", ModelVersion = "2", Id = "abcdef" });

        var decided = Enumerable.Range(0, whole.Length + 1).First(count => Read(whole[..count], isAll: false).IsDecided);

        Assert.Equal(5 + 6 + 3 + 1, decided); // header, both fields, and the tag of the next, which says that they are over
        Assert.True(Read(Frame(new ModelInferRequest { ModelName = "wine" }), isAll: false).IsDecided);
    }

    [Fact]
    public void Unknown_fields_and_another_order_are_no_obstacle_within_the_bound()
    {
        byte[] message = [0x1a, 1, (byte)'x', 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0x2d, 0, 0, 0, 0, 0x30, 0x96, 1, 0x12, 1, (byte)'7', 0x0a, 1, (byte)'m'];

        var first = Read(GrpcAnswers.Frame(message), isAll: false);

        Assert.Equal(("m", "7"), (first.Model, first.Version));
    }

    [Fact]
    public void A_compressed_message_says_nothing()
    {
        var first = Read(GrpcAnswers.Frame([0x0a, 1, (byte)'m'], isCompressed: true), isAll: false);

        Assert.True(first is { IsDecided: true, IsThere: true, IsCompressed: true, Model: "" });
    }

    [Fact]
    public void What_ended_before_a_message_is_none()
    {
        Assert.True(Read([], isAll: true) is { IsDecided: true, IsThere: false });
        Assert.True(Read([0, 0, 0], isAll: true) is { IsDecided: true, IsThere: false });
        Assert.False(Read([0, 0, 0], isAll: false).IsDecided);
    }

    [Fact]
    public void A_mutated_message_is_looked_at_without_harm_and_within_the_bound()
    {
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<FsCheck.NonNegativeInt>(),
            ArbMap.Default.ArbFor<byte>(),
            (tail, place, value) =>
            {
                var bytes = Frame(new ModelInferRequest { ModelName = "wine", ModelVersion = "1", Id = "id" }).Concat(tail).ToArray();
                bytes[place.Get % bytes.Length] = value;
                Check(bytes, isAll: true);
                Check(bytes, isAll: false);
            });
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000), property);
    }

    [Fact]
    public void Garbage_is_looked_at_without_harm_and_within_the_bound()
    {
        var property = Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<bool>(), (bytes, isAll) => Check(GrpcAnswers.Frame(bytes), isAll));
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000), property);
        foreach (var fill in (byte[])[0, 0x0a, 0x80, 0xff])
        {
            Check([.. Enumerable.Repeat(fill, 3 * FirstMessage.MostBytes)], isAll: false);
        }
    }

    // Beyond the bound there is a trap: whoever reads there gets another segment, and the answer must be the same as without it.
    private static void Check(byte[] bytes, bool isAll)
    {
        var first = Read(bytes, isAll);
        Assert.True(first.Model.Length <= FirstMessage.MostBytes && first.Version.Length <= FirstMessage.MostBytes);
        Assert.True(first.IsDecided || (!isAll && bytes.Length < FirstMessage.MostBytes));
        Assert.Equal(first, FirstMessage.Read(Split(bytes), isAll));
        if (bytes.Length >= FirstMessage.MostBytes)
        {
            Assert.Equal(first, Read(bytes[..FirstMessage.MostBytes], isAll));
        }
    }

    private static FirstMessage Read(byte[] bytes, bool isAll) => FirstMessage.Read(new ReadOnlySequence<byte>(bytes), isAll);

    private static byte[] Frame(ModelInferRequest request) => GrpcAnswers.Frame(request.ToByteArray());

    private static ReadOnlySequence<byte> Split(byte[] bytes)
    {
        var first = new Segment(bytes.AsMemory(0, bytes.Length / 2));
        var second = first.Before(bytes.AsMemory(bytes.Length / 2));
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Before(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
