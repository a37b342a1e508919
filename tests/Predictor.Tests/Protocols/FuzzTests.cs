using System.Text;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>Bodies made of a seed, so that a failure can be repeated: its message names the round.</summary>
public sealed class FuzzTests(ServedModels models) : IClassFixture<ServedModels>
{
    private const int Seed = 20260101;
    private const int Rounds = 3000;

    private static readonly string[] Good =
    [
        """{"id":"a\u00e4","inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1.5,-2e3],[0,4]]}],"outputs":[{"name":"y"}]}""",
        """{"parameters":{"a":1,"b":"c","d":true},"inputs":[{"data":[1,2],"datatype":"FP32","shape":[1,2],"name":"x"}]}""",
        """{"inputs":[{"name":"x","shape":[0,2],"datatype":"FP32","data":[]}]}""",
        """{"inputs":{"x":[[1,2],[3,4]]},"params":{}}""",
        """{"inputs":[[1,2],[3,4]]}""",
    ];

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "NaN", "-", "1e999", "1e-999", "-0", "0.1", "00", "9223372036854775808",
        "\"inputs\"", "\"data\"", "\"shape\"", "\"name\"", "\"x\"", "\"FP32\"", "[[[[", "]]]]", "\0", "ÿ", " ", "/*", "\uFEFF", "-1", "99999999999999999999",
    ];

    [Fact]
    public async Task No_body_however_mangled_gets_a_500_or_ends_the_process()
    {
        var random = new Random(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            var body = Mangle(Encoding.UTF8.GetBytes(Good[random.Next(Good.Length)]), random);
            var path = random.Next(2) == 0 ? "/v2/models/identity-FP32/infer" : "/models/identity-FP32/invocations";
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");

            var answer = await models.Predictor.PostAsync(path, content);

            Assert.True(answer.Status is 200 or 400, $"Round {round}: {answer.Status} {answer.Text} for {Encoding.UTF8.GetString(body)}");
            Assert.Equal(answer.Status == 200 ? "ok" : "client", answer.Header(SluiceHeaders.Fault));
            _ = answer.Json; // whatever the answer is, it is JSON
            Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(200, (await models.Predictor.GetAsync("/v2/health/live")).Status);
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
}
