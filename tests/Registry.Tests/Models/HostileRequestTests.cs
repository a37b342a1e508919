using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>
/// Whatever is sent: an answer below 500, and no file outside the data folder. Seeds are fixed, so a failure repeats; the long run has a hundred times as
/// many.
/// </summary>
public sealed class HostileRequestTests : IClassFixture<HostileRequestTests.CagedRegistry>
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 150 : 15_000;

    private static readonly byte[] Onnx = OnnxModels.Scale(2, -1, 3);

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "-0", "1e999", "9223372036854775808", "\"\\ud800\"", "\"a\"", "\"golden\"", "\"inputs\"", "\"x\"",
        "\"tags\"", "\"labels\"", "\"metrics\"", "\"signature\"", "\"description\"", "\"sourceRun\"", "\"shape\"", "\"data\"", "\u0000", "\ufeff", "\n", "😀", "../", "[[[[[[[[",
    ];

    private static readonly string[] Names =
    [
        "..", ".", "../../x", "a/../../x", "/etc/x", "C:\\x", "a\\..\\x", "a//b", "", " ", "a\u0000b", "model.onnx", "MLmodel", "golden.json", "a/golden.json", "%2e%2e/x",
        "a\r\nb", "ä.onnx", "con", "nul.onnx", new('x', 5000), "a/b/c/d/e/f/g/h/i/j/k", "staging/x", "sha256/x", "‮.onnx", "\"", "x\" ; filename=\"y",
    ];

    private readonly CagedRegistry _registry;

    public HostileRequestTests(CagedRegistry registry) => _registry = registry;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Metadata_of_any_text_is_taken_or_refused() =>
        CheckAll(Texts(Fragments), text => UploadAsync(Calls.Parts(text, ("model.onnx", Onnx))));

    [Fact]
    public void Golden_files_of_any_text_are_taken_or_refused() =>
        CheckAll(Texts(Fragments), text => UploadAsync(Calls.Parts(null, ("model.onnx", Onnx), ("golden.json", Encoding.UTF8.GetBytes(text)))));

    [Fact]
    public void Values_of_any_kind_in_any_field_are_taken_or_refused()
    {
        var fields = Gen.Elements("description", "labels", "metrics", "tags", "sourceRun", "golden", "signature", "other");
        CheckAll(
            fields.Zip(JsonValue(4)).Select(pair => $$"""{"{{pair.Item1}}": {{pair.Item2}}}"""),
            text => UploadAsync(Calls.Parts(text, ("model.onnx", Onnx))));
    }

    [Fact]
    public void File_names_of_any_kind_are_taken_or_refused()
    {
        var names = Gen.OneOf(Gen.Elements(Names), Texts(Names), ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""));
        CheckAll(names.Zip(Gen.Elements("filename", "filename*=UTF-8''", "name")), pair => UploadAsync(RawParts(
            pair.Item2 == "filename" ? $"form-data; name=files; filename=\"{pair.Item1}\""
            : pair.Item2 == "name" ? $"form-data; name=\"{pair.Item1}\"; filename=\"model.onnx\""
            : $"form-data; name=files; filename*=UTF-8''{Uri.EscapeDataString(Whole(pair.Item1))}")));
    }

    [Fact]
    public async Task Bodies_that_are_cut_doubled_or_mixed_up_are_taken_or_refused()
    {
        var whole = await RawParts("form-data; name=files; filename=\"model.onnx\"").ReadAsByteArrayAsync(Token);
        var places = Gen.Choose(0, whole.Length - 1);
        CheckAll(places.Zip(places).Zip(Gen.Choose(0, 255)), at =>
        {
            var ((first, second), value) = at;
            var (from, to) = (Math.Min(first, second), Math.Max(first, second));
            byte[] bytes = (value % 3) switch { 0 => whole[..to], 1 => [.. whole[..from], (byte)value, .. whole[to..]], _ => [.. whole[..to], .. whole[from..]] };
            var body = new ByteArrayContent(bytes);
            body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=limit");
            return UploadAsync(body);
        });
    }

    [Fact]
    public void Paths_of_any_kind_are_answered()
    {
        var parts = Gen.OneOf(Gen.Elements(Names), Gen.Elements("m", "1", "versions", "aliases", "gates", "999999999999", "-1", "%00", "%ff", "%2f", ".."));
        var methods = Gen.Elements("GET", "PUT", "PATCH", "DELETE", "POST");
        CheckAll(parts.ArrayOf(4).Zip(methods), async pair =>
        {
            var path = string.Join('/', pair.Item1.Select(part => part.StartsWith('%') ? part : Uri.EscapeDataString(Whole(part.Length > 300 ? part[..300] : part))));
            using var request = new HttpRequestMessage(new HttpMethod(pair.Item2), new Uri(_registry.Http.BaseAddress!, "/api/models/" + path))
            {
                Content = pair.Item2 == "GET" ? null : Calls.Json("""{"version": 1}"""),
            };
            return await _registry.Http.SendAsync(request, Token);
        });
    }

    [Fact]
    public void Queries_of_any_kind_are_answered()
    {
        var texts = Gen.OneOf(Texts(Names), ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""));
        CheckAll(Gen.Elements("name", "tag", "alias", "limit", "cursor").Zip(texts), pair =>
            _registry.Http.GetAsync($"/api/models?{pair.Item1}={Uri.EscapeDataString(Whole(pair.Item2.Length > 2000 ? pair.Item2[..2000] : pair.Item2))}", Token));
    }

    [Fact]
    public void Documents_of_any_text_are_applied_or_refused()
    {
        var words = Gen.Elements(
            [.. Fragments, "models", "models:\n", "  m:\n", "    stable: 1\n", "    gates:\n", "- ", "&a", "*a", "!!binary", "|\n", ">-\n", "---\n", "...\n", "%YAML 9.9\n", "? ", "\t", "# ", "'"]);
        CheckAll(Gen.Choose(1, 25).SelectMany(count => words.ArrayOf(count)).Select(string.Concat), text =>
            _registry.Http.PostAsync("/api/apply?dryRun=true", new StringContent(text, Encoding.UTF8, "application/yaml"), Token));
    }

    [Fact]
    public void Values_of_any_kind_in_a_document_are_applied_or_refused()
    {
        var fields = Gen.Elements("description", "tags", "gates", "versions", "aliases", "stable", "other");
        CheckAll(fields.Zip(JsonValue(4)), pair => _registry.Http.PostAsync(
            "/api/apply", Calls.Json($$$"""{"models": {"m": {"{{{pair.Item1}}}": {{{pair.Item2}}} } } }"""), Token));
    }

    private void CheckAll<T>(Gen<T> inputs, Func<T, Task<HttpResponseMessage>> send)
    {
        var property = Prop.ForAll(inputs.ToArbitrary(), input =>
        {
            using var answer = send(input).GetAwaiter().GetResult();
            Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode}: {answer.Content.ReadAsStringAsync(Token).GetAwaiter().GetResult()}");
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Rounds).WithReplay(20260801, 1), property);
        _registry.AssertNothingEscaped();
    }

    private async Task<HttpResponseMessage> UploadAsync(HttpContent body)
    {
        using (body)
        {
            return await _registry.Http.UploadAsync("hostile", body);
        }
    }

    private static Gen<string> Texts(string[] fragments) => Gen.Choose(0, 12).SelectMany(count => Gen.Elements(fragments).ArrayOf(count)).Select(string.Concat);

    private static Gen<string> JsonValue(int depth)
    {
        var scalar = Gen.Elements("null", "true", "0", "-1", "1", "1.5", "1e400", "\"\"", "\"x\"", "\"sha256:00\"", "\"s3://b/k\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"");
        if (depth == 0)
        {
            return scalar;
        }

        var inner = JsonValue(depth - 1);
        var name = Gen.Elements("inputs", "outputs", "tolerance", "x", "y", "shape", "data", "metric", "min", "max", "name", "datatype", "a", "");
        return Gen.OneOf(
            scalar,
            Gen.Choose(0, 4).SelectMany(count => inner.ArrayOf(count)).Select(items => $"[{string.Join(",", items)}]"),
            Gen.Choose(0, 4).SelectMany(count => name.Zip(inner).ArrayOf(count))
                .Select(fields => $"{{{string.Join(",", fields.Select(field => $"\"{field.Item1}\":{field.Item2}"))}}}"));
    }

    private static ByteArrayContent RawParts(string disposition)
    {
        var body = new ByteArrayContent(
            [.. "--limit\r\nContent-Disposition: "u8, .. Encoding.UTF8.GetBytes(disposition), .. "\r\n\r\n"u8, .. Onnx, .. "\r\n--limit--\r\n"u8]);
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=limit");
        return body;
    }

    // A URL cannot have half of a surrogate pair.
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>A Registry whose data folder lies in a folder of its own, so that whatever escapes from it is seen.</summary>
    public sealed class CagedRegistry() : RunningRegistry(Path.Combine(Cage, "inner", "data"))
    {
        private static readonly string Cage = Directory.CreateTempSubdirectory("sluice-cage-").FullName;

        public void AssertNothingEscaped()
        {
            Assert.Equal([Path.Combine(Cage, "inner")], Directory.GetFileSystemEntries(Cage));
            Assert.Equal([DataDirectory], Directory.GetFileSystemEntries(Path.Combine(Cage, "inner")));
            Assert.All(
                Directory.GetFiles(DataDirectory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(DataDirectory, file)),
                file => Assert.Matches(@"^(registry\.(db(-wal|-shm)?|lock)|blobs/sha256/[0-9a-f]{2}/[0-9a-f]{64}|blobs/staging/.+)$", file));
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Directory.Delete(Cage, recursive: true);
            GC.SuppressFinalize(this);
        }
    }
}
