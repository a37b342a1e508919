using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;
using Sluice.Predictor.Tests.Versions;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>Bodies made of a seed, so that a failure can be repeated: its message names the round.</summary>
[Collection(Alone.Name)] // what the process takes is looked at
public sealed class FuzzTests(ServedModels models) : IClassFixture<ServedModels>
{
    private const int Seed = 20260101;
    private const int Megabyte = 1024 * 1024;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 6_000 : 1_000_000;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "NaN", "-", "1e999", "1e-999", "-0", "0.1", "00", "9223372036854775808",
        "\"inputs\"", "\"data\"", "\"shape\"", "\"name\"", "\"x\"", "\"FP32\"", "[[[[", "]]]]", "\0", "ÿ", " ", "/*", "\uFEFF", "-1", "99999999999999999999",
        "\"parameters\"", "{\"binary_data_size\":", "\"b64\"", "{\"b64\":\"AA==\"}", "\"instances\"", "\"columns\"", "\r\n", "\"\"", ",,", "8", "16", "[0,2]", "[1000000000,2]",
    ];

    // Requests that are good as they are: what is asked, of what type, and what stands in the header of the binary extension.
    private static readonly (string Path, string Type, string? Head, byte[] Body)[] Good =
    [
        Json("/v2/models/identity-FP32/infer", """{"id":"a\u00e4","inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1.5,-2e3],[0,4]]}],"outputs":[{"name":"y"}]}"""),
        Json("/v2/models/identity-FP32/infer", """{"parameters":{"a":1,"timeout":10000000,"binary_data_output":true},"inputs":[{"data":[1,2],"datatype":"FP32","shape":[1,2],"name":"x"}]}"""),
        Json("/v2/models/identity-FP32/infer", """{"inputs":[{"name":"x","shape":[0,2],"datatype":"FP32","data":[]}]}"""),
        Json("/v2/models/identity-BYTES/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","data":["a\u00e4",{"b64":"/w=="}]}]}"""),
        Json("/v2/models/identity-UINT64/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"UINT64","data":[18446744073709551615,1.0]}]}"""),
        Json("/v2/models/identity-BOOL/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"BOOL","data":[true,0]}]}"""),
        Binary("identity-FP32", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""", BinaryBody.Bytes(1f, 2f)),
        Binary("identity-FP16", """{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP16","parameters":{"binary_data_size":4}}]}""", [1, 2, 3, 4]),
        Binary("identity-BYTES", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","parameters":{"binary_data_size":9}}]}""", BinaryBody.Strings([65], [])),
        Binary("two", """{"inputs":[{"name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""", BinaryBody.Bytes(5f, 6f)),
        ("/v2/models/identity-FP32/infer", "application/octet-stream", "0", BinaryBody.Bytes(1f, 2f)),
        ("/v2/models/identity-FP32/infer", "application/octet-stream", "7", BinaryBody.Bytes(1f, 2f)),
        Json("/models/two/invocations", """{"inputs":{"a":[[1,2],[3,4]],"b":[[1,2],[3,4]]},"params":{}}"""),
        Json("/models/identity-FP32/invocations", """{"inputs":[[1,2],[3,4]]}"""),
        Json("/models/identity-FP32/invocations", """{"instances":[{"x":[1,2]},{"x":[3,4]}]}"""),
        Json("/models/identity-FP32/invocations", """{"dataframe_split":{"columns":["p","q"],"index":[0],"data":[[1,2]]}}"""),
        Json("/models/identity-FP32/invocations", """{"dataframe_records":[{"p":1,"q":2},{"q":4,"p":3}]}"""),
        ("/models/identity-FP32/invocations", "text/csv", null, "p,\"q\"\r\n1,\"2\"\r\n3,4e1\r\n"u8.ToArray()),
        ("/models/identity-BYTES/invocations", "text/csv", null, "p,q\na,\"b \"\"c\"\"\n\"\nd\",\n"u8.ToArray()),
        Json("/models/two/predict", """{"a":[1,2],"b":[3,4]}"""),
        Json("/models/identity-FP32/predict", """{"inputs":[1,2]}"""),
        Json("/v1/models/two:predict", """{"signature_name":"serving_default","instances":[{"a":[1,2],"b":[3,4]}]}"""),
        Json("/v1/models/identity-BYTES:predict", """{"instances":[["a",{"b64":"/w=="}]]}"""),
        Json("/v1/models/two:predict", """{"inputs":{"a":[[1,2]],"b":[[3,4]]}}"""),
        Json("/v2/repository/index", """{"ready":true}"""),
    ];

    [Fact]
    public async Task No_body_however_mangled_gets_a_500_or_ends_the_process()
    {
        var random = new Random(Seed);
        await TryAsync(random, 0, Rounds / 3);
        var before = WorkingSet();
        await TryAsync(random, Rounds / 3, Rounds);

        Assert.InRange((WorkingSet() - before) / Megabyte, -10_000, 100);
        Assert.Equal(200, (await models.Predictor.GetAsync("/v2/health/live")).Status);
    }

    private async Task TryAsync(Random random, int from, int to)
    {
        for (var round = from; round < to; round++)
        {
            var (path, type, head, good) = Good[random.Next(Good.Length)];
            var body = random.Next(50) == 0 ? good : Mangle(good, random);
            var zipped = random.Next(8) == 0;
            using var content = new ByteArrayContent(zipped ? Zip(body, random) : body);
            content.Headers.TryAddWithoutValidation("Content-Type", random.Next(40) == 0 ? "text/csv" : type);
            content.Headers.TryAddWithoutValidation("Content-Encoding", zipped ? ["gzip"] : []);
            content.Headers.TryAddWithoutValidation(BinaryBody.Header, head is null ? [] : [random.Next(10) == 0 ? $"{random.Next(-2, 200)}" : head]);

            var answer = await models.Predictor.PostAsync(path, content);

            Check(answer, () => $"Round {round}: {answer.Status} {answer.Text} of {path} ({type}, {head}) for {Convert.ToBase64String(body)} {Encoding.UTF8.GetString(body)}");
        }
    }

    private static void Check(Answer answer, Func<string> describe)
    {
        var fault = answer.Header(SluiceHeaders.Fault);
        var isModel = answer.Status == 500 && answer.Text.Contains("The model computed NaN", StringComparison.Ordinal) | answer.Text.Contains("Infinity", StringComparison.Ordinal) | answer.Text.Contains('∞');
        Assert.True(answer.Status is 200 or 400 or 413 or 415 or 504 || isModel, describe());
        Assert.True(fault == (answer.Status switch { 200 => fault is null ? null : "ok", 500 => "model", 504 => "deadline", _ => "client" }), describe());
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        if (answer.Message.Content.Headers.ContentType?.MediaType == "application/json")
        {
            using var parsed = JsonDocument.Parse(answer.Text); // whatever the answer is, it is JSON
        }
    }

    private static (string, string, string?, byte[]) Json(string path, string body) => (path, "application/json", null, Encoding.UTF8.GetBytes(body));

    private static (string, string, string?, byte[]) Binary(string model, string json, byte[] tensor) =>
        ($"/v2/models/{model}/infer", "application/octet-stream", $"{Encoding.UTF8.GetByteCount(json)}", [.. Encoding.UTF8.GetBytes(json), .. tensor]);

    private static byte[] Zip(byte[] body, Random random)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, CompressionLevel.Fastest))
        {
            stream.Write(body);
        }

        return random.Next(3) == 0 ? Flip(target.ToArray(), random) : target.ToArray();
    }

    private static byte[] Mangle(byte[] body, Random random)
    {
        for (var changes = random.Next(4); changes >= 0; changes--)
        {
            var at = random.Next(body.Length + 1);
            var length = Math.Min(random.Next(6), body.Length - at);
            var piece = Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]);
            body = random.Next(7) switch
            {
                0 => body[..at],                                                   // cut off
                1 => [.. body[..at], .. body[(at + length)..]],                    // something left out
                2 => [.. body[..at], .. piece, .. body[at..]],                     // something put in
                3 => [.. body[..at], .. piece, .. body[(at + length)..]],          // something put in its place
                4 => [.. body[..at], .. body[..at], .. body[at..]],                // something said twice
                5 => [.. body[..at], (byte)random.Next(256), .. body[at..]],       // a stray byte
                _ => Flip(body, random),                                           // a flipped bit
            };
        }

        return body;
    }

    private static byte[] Flip(byte[] body, Random random)
    {
        byte[] flipped = [.. body];
        if (flipped.Length > 0)
        {
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        }

        return flipped;
    }

    private static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
