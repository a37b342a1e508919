using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>Any tensor of any datatype survives the ways there are: binary and binary, binary to JSON and back.</summary>
public sealed class RoundTripTests(ServedModels models) : IClassFixture<ServedModels>
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 40 : 4_000;

    public static TheoryData<string> EveryDatatype => [.. ServedModels.Datatypes];

    /// <summary>Those that JSON carries.</summary>
    public static TheoryData<string> OfJson => [.. ServedModels.Datatypes.Except([Datatype.Fp16, Datatype.Bf16])];

    [Theory]
    [MemberData(nameof(EveryDatatype))]
    public void Any_bytes_come_back_as_they_were_sent(string datatype) =>
        CheckAll(Tensors(datatype, text: false), rows => AskAsync(datatype, rows, Binary(datatype, rows)));

    [Theory]
    [MemberData(nameof(OfJson))]
    public void Any_elements_that_json_has_come_back_from_it_as_they_were(string datatype)
    {
        CheckAll(Tensors(datatype, text: true), async rows =>
        {
            using var content = Binary(datatype, rows, binaryOutput: false);
            var answer = await models.Predictor.PostAsync($"/v2/models/{ServedModels.Identity(datatype)}/infer", content);
            Assert.True(answer.Status == 200, answer.Text);
            var data = answer.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText();
            using var json = RunningPredictor.Json(
                $$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[{{rows.Length}},2],"datatype":"{{datatype}}","data":{{data}}}]}""");
            return await AskAsync(datatype, rows, json);
        });
    }

    private static void CheckAll(Gen<byte[][]> tensors, Func<byte[][], Task<byte[]>> ask)
    {
        var property = Prop.ForAll(tensors.ToArbitrary(), rows => Assert.Equal(rows.SelectMany(row => row), ask(rows).GetAwaiter().GetResult()));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Rounds).WithReplay(20260802, 1), property);
    }

    // Rows of two elements each.
    private static Gen<byte[][]> Tensors(string datatype, bool text)
    {
        var element = datatype switch
        {
            Datatype.Bool => Gen.Choose(0, 1).Select(bit => new[] { (byte)bit }),
            Datatype.Bytes => Gen.OneOf(
                    text ? Gen.Constant("\"\\/\n\u0000\u007Fäß€𝄞</script>") : ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => Encoding.Latin1.GetString(bytes ?? [])),
                    ArbMap.Default.GeneratorFor<string>().Select(each => each ?? ""))
                .Select(each => BinaryBody.Strings(text ? Encoding.UTF8.GetBytes(each) : Encoding.Latin1.GetBytes(each))),
            Datatype.Fp32 when text => Any(4).Select(bytes => float.IsFinite(BitConverter.ToSingle(bytes)) ? bytes : BitConverter.GetBytes(-0f)),
            Datatype.Fp64 when text => Any(8).Select(bytes => double.IsFinite(BitConverter.ToDouble(bytes)) ? bytes : BitConverter.GetBytes(-0d)),
            Datatype.UInt8 or Datatype.Int8 => Any(1),
            Datatype.UInt16 or Datatype.Int16 or Datatype.Fp16 or Datatype.Bf16 => Any(2),
            Datatype.UInt32 or Datatype.Int32 or Datatype.Fp32 => Any(4),
            _ => Any(8),
        };
        return element.ArrayOf(2).Select(pair => pair.SelectMany(bytes => bytes).ToArray()).ArrayOf();
    }

    // All of them, and often those at the edges.
    private static Gen<byte[]> Any(int size) => Gen.OneOf(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(size),
        Gen.Elements<byte>(0, 0x7F, 0x80, 0xFF).Select(value => Enumerable.Repeat(value, size).ToArray()));

    private static ByteArrayContent Binary(string datatype, byte[][] rows, bool binaryOutput = true) => BinaryBody.Of(
        $$"""{"parameters":{"binary_data_output":{{(binaryOutput ? "true" : "false")}} },"inputs":[{"name":"x","shape":[{{rows.Length}},2],"datatype":"{{datatype}}","parameters":{"binary_data_size":{{rows.Sum(row => row.Length)}} } }]}""",
        rows);

    private async Task<byte[]> AskAsync(string datatype, byte[][] rows, HttpContent content)
    {
        using (content)
        {
            using var answer = await models.Predictor.Http.PostAsync($"/v2/models/{ServedModels.Identity(datatype)}/infer", content);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            var (json, rest) = await BinaryBody.SplitAsync(answer);
            Assert.Equal($"[{rows.Length},2]", JsonDocument.Parse(json).RootElement.GetProperty("outputs")[0].GetProperty("shape").GetRawText());
            return rest;
        }
    }
}
