using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.Gateway.Mirror;

namespace Sluice.Gateway.Tests.Mirror;

/// <summary>What two answers that differ are, and what they are not.</summary>
public sealed class AnswerComparisonTests
{
    private static readonly ModelSignature Floating = Signature(("y", Datatype.Fp32));
    private static readonly ModelSignature Both = Signature(("label", Datatype.Int64), ("scores", Datatype.Fp32));
    private static readonly ComparisonRule Tensors = new(IsClass: false, Classes: 0, Relative: 1e-3);
    private static readonly ComparisonRule OfThree = new(IsClass: true, Classes: 3, Relative: 1e-3);
    private static readonly ComparisonRule OfSome = new(IsClass: true, Classes: 0, Relative: 1e-3);

    [Theory]
    [InlineData("[1,2]", "[1,2]", true)]
    [InlineData("[1,2]", "[1.0009,2]", true)]
    [InlineData("[1,2]", "[1.002,2]", false)]
    [InlineData("[0,0]", "[0.000009,0]", true)] // a hundredth of the tolerance is absolute
    [InlineData("[0,0]", "[0.00002,0]", false)]
    [InlineData("[[1,2]]", "[1,2]", false)]
    [InlineData("[1,2]", "[1,2,3]", false)]
    [InlineData("[1,2]", "[1,null]", false)]
    [InlineData("[1,2]", """["1",2]""", false)]
    [InlineData("{\"y\":1}", "{\"z\":1}", false)]
    [InlineData("{\"y\":1}", "{\"y\":1,\"z\":1}", false)]
    [InlineData("[16777216]", "[16777217]", true)] // floating by the signature, however they are written
    [InlineData("[[1,2],[3]]", "[[1,2],[3,4]]", false)]
    [InlineData("[[],[1]]", "[[],[1]]", true)]
    [InlineData("[]", "[1]", false)]
    public void Tensors_are_compared_by_form_and_value(string stable, string canary, bool agree)
    {
        Assert.Equal(agree, V1(stable, canary, Tensors, Floating) is null);
        Assert.Equal(agree, V1(canary, stable, Tensors, Floating) is null);
    }

    [Theory]
    [InlineData("[[0.1,0.7,0.2]]", "[[0.3,0.4,0.3]]", true)]
    [InlineData("[[0.1,0.7,0.2]]", "[[0.5,0.4,0.1]]", false)]
    [InlineData("[[0.1,0.7,0.2],[1,0,0]]", "[[0.1,0.7,0.2],[0,1,0]]", false)] // one row is enough
    [InlineData("[[0.4,0.4001,0.2]]", "[[0.5,0.4,0.1]]", true)] // a tie of stable's own
    [InlineData("[0.7,0.2]", "[0.8,0.1]", true)] // a value a row: the side of one half
    [InlineData("[0.7,0.2]", "[0.4,0.1]", false)]
    [InlineData("[0.4999,0.2]", "[0.7,0.2]", true)]
    [InlineData("[0,2]", "[0,1]", false)] // whole numbers are classes themselves
    [InlineData("[[1,2,3,4]]", "[[9,8,7,6]]", false)] // as many as there are no classes: no scores
    public void Of_a_classifier_the_class_is_compared(string stable, string canary, bool agree) =>
        Assert.Equal(agree, V1(stable, canary, OfThree, Floating) is null);

    [Theory]
    [InlineData("""{"label":1,"scores":[0.1,0.9]}""", """{"label":1,"scores":[0.9,0.1]}""", true)] // the label decides
    [InlineData("""{"label":1,"scores":[0.1,0.9]}""", """{"label":0,"scores":[0.1,0.9]}""", false)]
    [InlineData("""{"label":1,"scores":[0.1,0.9]}""", """{"label":1,"scores":[0.1,0.8,0.1]}""", false)]
    [InlineData("""{"label":"a","scores":[0.1,0.9]}""", """{"label":"b","scores":[0.1,0.9]}""", false)]
    [InlineData("""{"scores":[[0.1,0.9]]}""", """{"scores":[[0.2,0.8]]}""", true)]
    [InlineData("""{"scores":[[0.1,0.9]]}""", """{"scores":[[0.8,0.2]]}""", false)]
    public void A_label_goes_before_its_scores(string stable, string canary, bool agree) =>
        Assert.Equal(agree, V1(stable, canary, OfSome, Both) is null);

    [Theory]
    [InlineData(Datatype.Int64, "[9007199254740992]", "[9007199254740993]", false)]
    [InlineData(Datatype.Int64, "[1]", "[1]", true)]
    [InlineData(Datatype.Bytes, """["a"]""", """["b"]""", false)]
    [InlineData(Datatype.Bool, "[true]", "[false]", false)]
    [InlineData(Datatype.Fp32, "[1.5]", "[1.50001]", true)]
    public void What_is_not_floating_must_be_equal(string datatype, string stable, string canary, bool agree) =>
        Assert.Equal(agree, Find(V2(datatype, stable), V2(datatype, canary), Tensors) is null);

    [Fact]
    public void Another_datatype_shape_or_name_is_a_difference_and_another_order_is_none()
    {
        Assert.NotNull(Find(V2(Datatype.Fp32, "[1]"), V2(Datatype.Fp64, "[1]"), OfThree));
        const string y = """{"name":"y","datatype":"FP32","shape":[1,2],"data":[1,2]}""", z = """{"name":"z","datatype":"INT64","shape":[1],"data":[7]}""";
        Assert.Null(Find(Outputs(y, z), Outputs(z, y), Tensors));
        Assert.Null(Find(Outputs(y), Outputs(y.Replace("[1,2]}", "[[1,2]]}", StringComparison.Ordinal)), Tensors));
        Assert.NotNull(Find(Outputs(y, z), Outputs(y), Tensors));
        Assert.NotNull(Find(Outputs(y), Outputs(y, z), Tensors));
        Assert.NotNull(Find(Outputs(y), Outputs(y.Replace("[1,2],", "[2,1],", StringComparison.Ordinal)), Tensors));
        Assert.NotNull(Find(Outputs(y), Outputs(y.Replace("\"y\"", "\"x\"", StringComparison.Ordinal)), Tensors));
    }

    [Theory]
    [InlineData("FP16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("FP32", 4)]
    [InlineData("FP64", 8)]
    public void Binary_values_are_read_as_their_datatype_says(string datatype, int size)
    {
        Assert.Null(Find(Binary(datatype, size, 0.5, -2, 1000), Binary(datatype, size, 0.5, -2, 1000), Tensors));
        Assert.Null(Find(Binary(datatype, size, 100), Binary(datatype, size, datatype == "BF16" ? 101 : datatype == "FP16" ? 100.5 : 100.05), Tensors));
        Assert.NotNull(Find(Binary(datatype, size, 100), Binary(datatype, size, 120), Tensors));
        Assert.NotNull(Find(Binary(datatype, size, 1, 2), Binary(datatype, size, 1, double.NaN), OfSome));
        Assert.Null(Find(Binary(datatype, size, 1, double.NaN), Binary(datatype, size, 1, double.NaN), Tensors));
        Assert.Null(Find(Binary(datatype, size, double.PositiveInfinity), Binary(datatype, size, double.PositiveInfinity), Tensors));
        Assert.NotNull(Find(Binary(datatype, size, double.PositiveInfinity), Binary(datatype, size, double.NegativeInfinity), Tensors));
        Assert.NotNull(Find(Binary(datatype, size, double.PositiveInfinity), Binary(datatype, size, 1), Tensors));
    }

    [Fact]
    public void Equal_answers_agree_by_every_rule_and_in_json_as_in_binary() => Prop.ForAll(Values().ToArbitrary(), values =>
    {
        foreach (var rule in new[] { Tensors, OfThree, OfSome })
        {
            Assert.Null(Find(Json(values), Json(values), rule));
            Assert.Null(Find(Json(values), Binary("FP64", 8, values), rule));
            Assert.Null(Find(Binary("FP64", 8, values), Binary("FP64", 8, values), rule));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_tolerance_divides_what_agrees_from_what_does_not() => Prop.ForAll(Values().Where(values => values.Length > 0).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (values, where) =>
    {
        var index = where % values.Length;
        var allowed = 1e-5 + (1e-3 * Math.Abs(values[index]));
        Assert.Null(Find(Json(values), Json(With(values, index, values[index] + (allowed * 0.99))), Tensors));
        Assert.NotNull(Find(Json(values), Json(With(values, index, values[index] - (allowed * 1.01))), Tensors));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Scores_that_keep_their_order_keep_their_class() => Prop.ForAll(Values().Where(values => values.Length > 0).ToArbitrary(), Gen.Choose(1, 100).ToArbitrary(), (values, factor) =>
    {
        string stable = Rows(values, 3), canary = Rows([.. values.Select(value => (value * factor / 10) + 7)], 3);
        Assert.Null(V1(stable, canary, OfThree, Floating));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_bytes_come_they_are_an_answer_or_said_to_be_none() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(0, 40).ToArbitrary(), (bytes, cut) =>
    {
        var whole = Binary("FP32", 4, 1, 2).Bytes.ToArray();
        foreach (var body in new[] { bytes, whole[..Math.Max(0, whole.Length - cut)], [.. whole[..cut], .. bytes] })
        {
            foreach (var encoding in new[] { null, "gzip", "deflate", "br" })
            {
                foreach (var protocol in Enum.GetValues<InferenceProtocol>())
                {
                    try
                    {
                        AnswerReader.Read(new AnswerBody(body, encoding, cut % 2 == 0 ? null : $"{cut}"), protocol, Floating).Dispose();
                    }
                    catch (InvalidDataException)
                    {
                        // It is none.
                    }
                }
            }
        }
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[3],"data":[1,2]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[-1],"data":[]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[9223372036854775807,9223372036854775807],"data":[1]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1],"data":["1"]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}""")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[0],"data":[]},{"name":"y","datatype":"FP32","shape":[0],"data":[]}]}""")]
    [InlineData("""{"outputs":{}}""")]
    [InlineData("[]")]
    public void What_contradicts_itself_is_no_answer(string json) =>
        Assert.Throws<InvalidDataException>(() => AnswerReader.Read(Body(json), InferenceProtocol.V2, Floating));

    [Fact]
    public void An_answer_that_unpacks_to_too_much_is_none()
    {
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(new byte[AnswerBody.MostBytes + 1]);
        }

        Assert.Throws<InvalidDataException>(() => new AnswerBody(packed.ToArray(), "gzip").Decode());
    }

    private static Gen<double[]> Values() => Gen.Choose(-1_000_000, 1_000_000).Select(value => value / 1000.0).ArrayOf().Select(values => values[..(values.Length / 3 * 3)]);

    private static double[] With(double[] values, int index, double value)
    {
        double[] changed = [.. values];
        changed[index] = value;
        return changed;
    }

    private static string Rows(double[] values, int width) =>
        $"[{string.Join(',', values.Chunk(width).Select(row => $"[{string.Join(',', row.Select(Text))}]"))}]";

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string? V1(string stable, string canary, ComparisonRule rule, ModelSignature signature) =>
        Find(Body($$"""{"predictions":{{stable}}}"""), Body($$"""{"predictions":{{canary}}}"""), rule, InferenceProtocol.V1, signature);

    private static string? Find(
        AnswerBody stable, AnswerBody canary, ComparisonRule rule, InferenceProtocol protocol = InferenceProtocol.V2, ModelSignature? signature = null)
    {
        using var left = AnswerReader.Read(stable, protocol, signature ?? Floating);
        using var right = AnswerReader.Read(canary, protocol, signature ?? Floating);
        return AnswerComparison.FindDifference(left.Parts, right.Parts, rule);
    }

    private static AnswerBody Json(double[] values) => V2(Datatype.Fp64, $"[{string.Join(',', values.Select(Text))}]", values.Length);

    private static AnswerBody V2(string datatype, string data, int count = 1) =>
        Outputs($$"""{"name":"y","datatype":"{{datatype}}","shape":[{{count}}],"data":{{data}}}""");

    private static AnswerBody Outputs(params string[] outputs) => Body($$"""{"outputs":[{{string.Join(',', outputs)}}]}""");

    private static AnswerBody Body(string json) => new(Encoding.UTF8.GetBytes(json));

    private static AnswerBody Binary(string datatype, int size, params double[] values)
    {
        var json = $$$"""{"outputs":[{"name":"y","datatype":"{{{datatype}}}","shape":[{{{values.Length}}}],"parameters":{"binary_data_size":{{{size * values.Length}}}}}]}""";
        byte[] data = [.. values.SelectMany(value => datatype switch
        {
            Datatype.Fp16 => BitConverter.GetBytes((Half)value),
            Datatype.Bf16 => BitConverter.GetBytes((float)value)[2..],
            Datatype.Fp32 => BitConverter.GetBytes((float)value),
            _ => BitConverter.GetBytes(value),
        })];
        byte[] whole = [.. Encoding.UTF8.GetBytes(json), .. data];
        return new(whole, HeaderLength: $"{Encoding.UTF8.GetByteCount(json)}");
    }

    private static ModelSignature Signature(params (string Name, string Datatype)[] outputs) =>
        new([], [.. outputs.Select(output => new TensorSpec(output.Name, output.Datatype, [-1, -1]))]);
}
