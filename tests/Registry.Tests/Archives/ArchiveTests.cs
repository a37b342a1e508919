using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Archives;

/// <summary>A model leaves one Registry as an archive and is the same in another; what is no such archive leaves nothing.</summary>
public sealed class ArchiveTests(SharedRegistry registry, ArchiveTests.Importing target) : IClassFixture<ArchiveTests.Importing>
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 150 : 10_000;

    private static readonly byte[] Model = OnnxModels.Scale(2, -1, 3);

    private const string Signature =
        """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}], "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("?gzip=true")]
    public async Task A_model_is_the_same_in_another_Registry_with_all_its_versions_and_files(string query)
    {
        var name = Calls.NewModel();
        var (onnx, weights) = OnnxModels.ExternalData("w.bin", 1, 2, 3);
        using var first = await registry.Http.UploadAsync(name, Calls.Parts(
            """{"description": "one", "labels": ["a"], "metrics": {"f1": 0.5}, "tags": {"k": "v"}, "settings": {"batching": false}, "golden": [{"inputs": {"x": {"shape": [1, 3], "data": [1, 1, 1]}}, "outputs": {"y": {"shape": [1, 3], "data": [2, 3, 4]}}, "tolerance": {"absolute": 0.1, "relative": 0}}]}""",
            ("model.onnx", onnx), ("w.bin", weights)));
        Assert.True(first.StatusCode == HttpStatusCode.Created, await first.Content.ReadAsStringAsync(Token));
        await registry.Http.RegisterAsync(name, Model);
        using var third = await registry.Http.UploadAsync(name, Calls.Parts(null, ("model.onnx", onnx), ("w.bin", weights), ("more.txt", [1])));
        using var gone = await registry.Http.DeleteAsync($"/api/models/{name}/versions/2", Token);
        using var described = await registry.Http.PatchAsync($"/api/models/{name}", Calls.Json("""{"description": "of it", "tags": {"team": "red"}}"""), Token);
        using var aliased = await registry.Http.PutAsync($"/api/models/{name}/aliases/champion", Calls.Json("""{"version": 3}"""), Token);
        using var gated = await registry.Http.PutAsync($"/api/models/{name}/gates", Calls.Json("""[{"metric": "f1", "min": 0.1}]"""), Token);
        Assert.All([third, gone, described, aliased, gated], answer => Assert.True(answer.IsSuccessStatusCode, answer.ToString()));

        using var export = await registry.Http.GetAsync($"/api/models/{name}/export{query}", Token);
        var archive = await export.Content.ReadAsByteArrayAsync(Token);
        using var answer = await target.ImportAsync(archive);

        var imported = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ImportedModel);
        Assert.Equal((name, $"/api/models/{name}"), (imported.Name, answer.Headers.Location?.OriginalString));
        Assert.Equal([1, 3], imported.Versions);
        Assert.Equal($"{name}.tar{(query.Length > 0 ? ".gz" : "")}", export.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(await JsonAsync(registry.Http, $"/api/models/{name}"), await JsonAsync(target.Http, $"/api/models/{name}"));
        Assert.Equal(await JsonAsync(registry.Http, $"/api/models/{name}/versions"), await JsonAsync(target.Http, $"/api/models/{name}/versions"));
        foreach (var version in await target.Http.GetAsync($"/api/models/{name}/versions", ContractsJson.Default.IReadOnlyListModelVersion))
        {
            foreach (var blob in version.Blobs)
            {
                Assert.Equal(
                    await registry.Http.GetByteArrayAsync(ApiPaths.ForBlob(blob.Digest), Token), await target.Http.GetByteArrayAsync(ApiPaths.ForBlob(blob.Digest), Token));
            }
        }

        Assert.Equal(4, (await target.Http.RegisterAsync(name, Model)).Version);
    }

    [Fact]
    public async Task An_archive_has_the_manifest_first_and_each_blob_once_and_tar_reads_it()
    {
        var name = Calls.NewModel();
        await registry.Http.RegisterAsync(name, Model);
        await registry.Http.RegisterAsync(name, Model);
        await registry.Http.RegisterAsync(name, OnnxModels.Scale(3, -1, 3));
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("m.tar"), await registry.Http.GetByteArrayAsync($"/api/models/{name}/export", Token), Token);

        using var tar = Process.Start(new ProcessStartInfo("tar", ["-tf", folder.PathOf("m.tar")]) { RedirectStandardOutput = true })!;
        var names = (await tar.StandardOutput.ReadToEndAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await tar.WaitForExitAsync(Token);

        Assert.Equal(0, tar.ExitCode);
        Assert.Equal("manifest.json", names[0]);
        Assert.Equal(2, names.Skip(1).Distinct().Count());
        Assert.Equal(3, names.Length);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_conflict_and_another_may_be_given()
    {
        var name = Calls.NewModel();
        await registry.Http.RegisterAsync(name, Model);
        var archive = await registry.Http.GetByteArrayAsync($"/api/models/{name}/export", Token);

        using var clash = await ImportAsync(registry.Http, archive, "");
        await Calls.AssertProblemAsync(clash, 409, $"a model {name} already", "?as=", "it has 1");
        using var other = await ImportAsync(registry.Http, archive, $"?as={name}-b");
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        var version = await registry.Http.GetAsync(ApiPaths.ForVersion($"{name}-b", 1), ContractsJson.Default.ModelVersion);
        Assert.Equal($"{name}-b", version.Model);
        using var wrong = await ImportAsync(registry.Http, archive, "?as=a%2Fb");
        await Calls.AssertProblemAsync(wrong, 400, "as", "A-Z");
    }

    [Fact]
    public async Task A_deleted_model_comes_back_under_its_numbers_and_counts_on()
    {
        var name = Calls.NewModel();
        await target.Http.RegisterAsync(name, Model);
        var archive = await target.Http.GetByteArrayAsync($"/api/models/{name}/export", Token);
        await target.Http.RegisterAsync(name, Model);
        using var gone = await target.Http.DeleteAsync($"/api/models/{name}", Token);
        Assert.True(gone.IsSuccessStatusCode);

        using var back = await target.ImportAsync(archive);

        Assert.Equal(HttpStatusCode.Created, back.StatusCode);
        Assert.Equal(3, (await target.Http.RegisterAsync(name, Model)).Version);
    }

    [Fact]
    public async Task What_is_not_there_or_not_asked_for_rightly_is_told()
    {
        using var unknown = await registry.Http.GetAsync($"/api/models/{Calls.NewModel()}/export", Token);
        await Calls.AssertProblemAsync(unknown, 404, "There is no model");
        using var wrong = await registry.Http.GetAsync("/api/models/a%20b/export", Token);
        await Calls.AssertProblemAsync(wrong, 400, "model");
        using var gzip = await registry.Http.GetAsync($"/api/models/{Calls.NewModel()}/export?gzip=very", Token);
        await Calls.AssertProblemAsync(gzip, 400, "gzip");
    }

    public static TheoryData<string, string> ChangedManifests() => new()
    {
        { """{"format": "other"}""", "format" },
        { """{"formatVersion": 2}""", "newer one" },
        { """{"model": {"name": "../m"}}""", "model.name" },
        { """{"model": {"highestVersion": 1}}""", "model.highestVersion" },
        { """{"model": {"aliases": {"champion": 7}}}""", "model.aliases.champion" },
        { """{"model": {"aliases": {"5": 2}}}""", "model.aliases.5" },
        { """{"model": {"gates": [null]}}""", "model.gates" },
        { """{"model": {"tags": {"": "x"}}}""", "tags" },
        { """{"versions": [null]}""", "versions" },
        { """{"versions": "none"}""", "versions" },
        { """{"versions[0]": {"version": 0}}""", "versions[0].version" },
        { """{"versions[0]": {"model": "other"}}""", "versions[0].model" },
        { """{"versions[0]": {"files": []}}""", "versions[0].files" },
        { """{"versions[0]": {"files": [null]}}""", "versions[0].files" },
        { """{"versions[0]": {"files": [{"path": "../../etc/passwd", "digest": "sha256:x", "size": 1}]}}""", "'..' is a step" },
        { """{"versions[0]": {"files": [{"path": "a", "digest": "sha256:x", "size": 1}]}}""", "64 lower-case hex digits" },
        { """{"versions[0]": {"files": [{"path": "a"}]}}""", "versions[0].files" },
        { """{"versions[0]": {"modelPath": "other.onnx"}}""", "versions[0].modelPath" },
        { """{"versions[0]": {"digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000"}}""", "versions[0].digest" },
        { """{"versions[0]": {"golden": {"path": "g", "digest": "no", "size": 1}}}""", "versions[0].golden" },
        { """{"versions[0]": {"labels": [null]}}""", "labels" },
        { """{"versions[0]": {"metrics": {"f1": "high"}}}""", "versions[0].metrics.f1" },
        { """{"versions[0]": {"signature": {"inputs": [], "outputs": []}}}""", "signature" },
    };

    [Theory]
    [MemberData(nameof(ChangedManifests))]
    public async Task A_manifest_that_is_not_as_it_should_be_is_told_with_the_field(string change, string words)
    {
        var (manifest, blob, entry) = Archive.Valid(Model, Signature);
        foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
        {
            Change(manifest, key, value!);
        }

        await AssertRefusedAsync(new Archive().Add("manifest.json", manifest).Add(entry, blob).ToArray(), words);
    }

    public static TheoryData<string, string> HostileArchives() => new()
    {
        { "empty", "no tar archive" },
        { "no manifest", "does not begin with manifest.json" },
        { "folder first", "only files" },
        { "traversal", "none that its manifest names" },
        { "absolute", "none that its manifest names" },
        { "symlink", "SymbolicLink" },
        { "hard link", "HardLink" },
        { "fifo", "Fifo" },
        { "device", "CharacterDevice" },
        { "twice", "comes twice" },
        { "manifest twice", "comes twice" },
        { "too long", "bytes, its manifest says" },
        { "other content", "has the content" },
        { "missing", "ends without" },
        { "behind", "goes on behind its end" },
        { "bomb", "expands more than" },
        { "bomb of headers", "extra headers" },
        { "huge", "Registry:Archives:MaxBytes" },
        { "cut gzip", "breaks off" },
        { "text", "no tar archive" },
    };

    [Theory]
    [MemberData(nameof(HostileArchives))]
    public async Task An_archive_that_is_hostile_or_broken_is_refused_and_leaves_nothing(string kind, string words) => await AssertRefusedAsync(Hostile(kind), words);

    [Fact]
    public async Task A_valid_archive_is_taken_so_that_the_refusals_mean_something()
    {
        var (manifest, blob, entry) = Archive.Valid(Model, Signature);
        var name = Calls.NewModel();

        using var answer = await target.ImportAsync(new Archive().Add("manifest.json", manifest).Add(entry, blob).ToArray(), $"?as={name}");

        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal(4, (await target.Http.RegisterAsync(name, Model)).Version);
    }

    [Fact]
    public async Task A_sender_that_leaves_in_the_middle_leaves_nothing()
    {
        var (manifest, blob, entry) = Archive.Valid(OnnxModels.OfSize(500_000), Signature);
        var archive = new Archive().Add("manifest.json", manifest).Add(entry, blob).ToArray();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(target.Http.BaseAddress!.Host, target.Http.BaseAddress.Port, Token);
            var head = $"POST {ApiPaths.Import} HTTP/1.1\r\nHost: {target.Http.BaseAddress.Authority}\r\nContent-Length: {archive.Length}\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            await client.GetStream().WriteAsync(archive.AsMemory(0, 300_000), Token);
            await Eventually.BecomesTrueAsync(() => target.StagedFiles().Any());
        }

        await Eventually.BecomesTrueAsync(() => !target.StagedFiles().Any());
        using var none = await target.Http.GetAsync("/api/models/m", Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Archives_changed_at_random_never_fail_the_Registry_nor_leave_anything()
    {
        var (manifest, blob, entry) = Archive.Valid(Model, Signature);
        var plain = new Archive().Add("manifest.json", manifest).Add(entry, blob).ToArray();
        var seeds = new[] { plain, Archive.Compress(plain) };
        var random = new Random(20260101);
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutate(seeds[round % 2], random);
            using var answer = await target.ImportAsync(bytes, $"?as=fuzz-{Guid.NewGuid():N}");
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True((int)answer.StatusCode is 201 or 400 or 413 or 422, $"round {round}: {(int)answer.StatusCode} {text}");
            Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
            taken += answer.StatusCode == HttpStatusCode.Created ? 1 : 0;
        }

        Assert.InRange(taken, 0, Rounds / 2); // padding and times may change without harm
        Assert.Empty(target.StagedFiles());
    }

    private async Task AssertRefusedAsync(byte[] archive, string words)
    {
        using var answer = await target.ImportAsync(archive, "");
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True((int)answer.StatusCode is 400 or 413 or 422, $"{(int)answer.StatusCode} {text}");
        Assert.Contains(words, JsonElement.Parse(text).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(target.StagedFiles());
        using var none = await target.Http.GetAsync("/api/models/m", Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static void Change(JsonObject manifest, string key, JsonNode value)
    {
        var place = key == "versions[0]" ? manifest["versions"]![0]!.AsObject() : key == "model" ? manifest["model"]!.AsObject() : null;
        if (place is null)
        {
            manifest[key] = value.DeepClone();
            return;
        }

        foreach (var (field, changed) in value.AsObject())
        {
            place[field] = changed?.DeepClone();
        }
    }

    private static byte[] Hostile(string kind)
    {
        var (manifest, blob, entry) = Archive.Valid(Model, Signature);
        var begun = new Archive().Add("manifest.json", manifest);
        switch (kind)
        {
            case "empty": return [];
            case "no manifest": return new Archive().Add(entry, blob).ToArray();
            case "folder first": return new Archive().Add("x/", TarEntryType.Directory).ToArray();
            case "traversal": return begun.Add("../../outside", blob).ToArray();
            case "absolute": return begun.Add("/tmp/outside", blob).ToArray();
            case "symlink": return begun.Add(entry, TarEntryType.SymbolicLink, "/etc/passwd").ToArray();
            case "hard link": return begun.Add(entry, TarEntryType.HardLink, "/etc/passwd").ToArray();
            case "fifo": return begun.Add(entry, TarEntryType.Fifo).ToArray();
            case "device": return begun.Add(entry, TarEntryType.CharacterDevice).ToArray();
            case "twice": return begun.Add(entry, blob).Add(entry, blob).ToArray();
            case "manifest twice": return begun.Add("manifest.json", manifest).ToArray();
            case "too long": return begun.Add(entry, [.. blob, 1]).ToArray();
            case "other content": return begun.Add(entry, [.. blob[..^1], (byte)(blob[^1] ^ 1)]).ToArray();
            case "missing": return begun.ToArray();
            case "behind": return [.. begun.Add(entry, blob).ToArray(), .. new byte[2_000_000]];
            case "bomb":
                manifest["versions"]![0]!["files"]![0]!["size"] = 40_000_000;
                return Archive.Compress(new Archive().Add("manifest.json", manifest).Add(entry, new byte[40_000_000]).ToArray());
            case "bomb of headers":
                var pax = begun.ToArray();
                "77777777777\0"u8.CopyTo(pax.AsSpan(124)); // the first header is that of the extended attributes
                return pax;
            case "huge":
                manifest["versions"]![0]!["files"]![0]!["size"] = 1L << 60;
                return new Archive().Add("manifest.json", manifest).ToArray();
            case "cut gzip": return Archive.Compress(begun.Add(entry, blob).ToArray())[..^60];
            default: return "this is a text that goes on and on"u8.ToArray();
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var copy = bytes.ToArray();
        switch (random.Next(4))
        {
            case 0:
                return copy[..random.Next(copy.Length)];
            case 1:
                var at = random.Next(copy.Length - 600);
                return [.. copy[..at], .. copy[(at + random.Next(1, 600))..]];
            default:
                for (var i = 0; i < 8; i++)
                {
                    copy[random.Next(copy.Length)] = (byte)random.Next(256);
                }

                return copy;
        }
    }

    private static async Task<string> JsonAsync(HttpClient http, string path) => await http.GetStringAsync(path, Token);

    private static Task<HttpResponseMessage> ImportAsync(HttpClient http, byte[] archive, string query)
    {
        var body = new ByteArrayContent(archive);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        return http.PostAsync(ApiPaths.Import + query, body, Token);
    }

    /// <summary>A Registry that archives go to.</summary>
    public sealed class Importing() : RunningRegistry(settings: new() { ["Registry:Archives:MaxBytes"] = "100000000" })
    {
        internal Task<HttpResponseMessage> ImportAsync(byte[] archive, string query = "") => ArchiveTests.ImportAsync(Http, archive, query);

        internal IEnumerable<string> StagedFiles() => Calls.FilesIn(Path.Combine(DataDirectory, "blobs", "staging"));
    }
}
