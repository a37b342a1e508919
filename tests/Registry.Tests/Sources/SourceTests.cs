using System.Net;
using Sluice.Contracts;
using Sluice.Registry.Tests.Objects;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Sources;

/// <summary>Versions whose files are fetched: from an allowed folder, and over real HTTP from servers that speak S3, Azure and Cloud Storage.</summary>
public sealed class SourceTests(SourceTests.Places places) : IClassFixture<SourceTests.Places>
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null ? 400 : 20_000;

    private static readonly byte[] Model = OnnxModels.Scale(2, -1, 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("s3://models/run/7/model")]
    [InlineData("s3://models/run/7")]
    [InlineData("s3://models/run/7/model/")]
    [InlineData("gs://models/run/7/model")]
    [InlineData("gs://models/run/7")]
    [InlineData("azure://models/run/7")]
    [InlineData("{azure}/models/run/7/model")]
    [InlineData("{file}/run/7/model")]
    [InlineData("{file}/run/7")]
    public async Task The_same_model_is_found_at_the_path_or_one_level_below_it_wherever_it_is(string uri)
    {
        var (onnx, weights) = OnnxModels.ExternalData("data/w.bin", 1, 2, 3);
        places.Put("run/7/model/MLmodel", "flavors:\n  onnx:\n    data: net.onnx\n"u8.ToArray());
        places.Put("run/7/model/net.onnx", onnx);
        places.Put("run/7/model/data/w.bin", weights);
        places.Put("run/7/log.txt", [1]);
        var named = uri.Replace("{azure}", places.Azure.Endpoint.AbsoluteUri, StringComparison.Ordinal)
            .Replace("{file}", $"file://{places.Root}", StringComparison.Ordinal);
        var model = Calls.NewModel();

        using var answer = await RegisterAsync(model, $$"""{"metrics": {"f1": 0.5}, "storageUri": "{{named}}", "description": "fetched", "labels": ["a"]}""");

        var version = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
        Assert.Equal(["MLmodel", "data/w.bin", "net.onnx"], version.Files.Select(file => file.Path));
        Assert.Equal(("net.onnx", named, "fetched", 0.5), (version.ModelPath, version.StorageUri, version.Description, version.Metrics["f1"]));
        Assert.Equal(weights, await places.Registry.Http.GetByteArrayAsync(ApiPaths.ForBlob(version.Files[1].Digest), Token));
        Assert.Equal($"/api/models/{model}/versions/1", answer.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("s3://models/single/net.onnx")]
    [InlineData("gs://models/single/net.onnx")]
    [InlineData("azure://models/single/net.onnx")]
    [InlineData("{file}/single/net.onnx")]
    public async Task A_single_file_is_a_version(string uri)
    {
        places.Put("single/net.onnx", Model);

        var version = await RegisteredAsync(uri);

        Assert.Equal(["net.onnx"], version.Files.Select(file => file.Path));
    }

    [Theory]
    [InlineData("s3://models/empty", "looked for an MLmodel file, model.onnx or another .onnx file, at the path and one folder below; found nothing")]
    [InlineData("s3://models/deep", "found a/b/model.onnx")]
    [InlineData("s3://models/two", "several folders", "x/, y/")]
    [InlineData("s3://models/sing", "found nothing")] // a beginning of a name is no folder
    [InlineData("s3://models/broken", "model.onnx")]
    [InlineData("s3://other/x", "'other' is not among the places", "Registry:Sources:S3:Buckets")]
    [InlineData("gs://other/x", "Registry:Sources:Gcs:Buckets")]
    [InlineData("azure://other/x", "Registry:Sources:Azure:Containers")]
    [InlineData("https://another.blob.core.windows.net/models/x", "others are not called")]
    [InlineData("http://169.254.169.254/latest/meta-data", "others are not called")]
    [InlineData("file:///etc/passwd", "Registry:Sources:FileRoots")]
    [InlineData("file:///etc/no-such-file", "Registry:Sources:FileRoots")]
    [InlineData("{file}/../etc", "Registry:Sources:FileRoots")]
    [InlineData("{file}/%2e%2e/x", "Registry:Sources:FileRoots")]
    [InlineData("{file}/out/secret.onnx", "Registry:Sources:FileRoots")]
    [InlineData("{file}/within", "leads out of the allowed folder")]
    [InlineData("{file}/circle", "deeper than 10", "out")]
    [InlineData("{file}/pipe", "no ordinary file")]
    public async Task What_cannot_be_a_version_is_told_with_what_was_looked_for(string uri, params string[] words)
    {
        places.Put("deep/a/b/model.onnx", Model);
        places.Put("two/x/model.onnx", Model);
        places.Put("two/y/model.onnx", Model);
        places.Put("single/net.onnx", Model);
        places.Put("broken/model.onnx", Model[..20]);

        using var answer = await RegisterAsync(Calls.NewModel(), $$"""{"storageUri": "{{uri.Replace("{file}", $"file://{places.Root}", StringComparison.Ordinal)}}"}""");

        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True((int)answer.StatusCode == 422, text);
        Assert.Contains(words, word => text.Contains(word, StringComparison.Ordinal));
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        Assert.Empty(places.Registry.StagedFiles());
    }

    [Theory]
    [InlineData("""{"storageUri": "nothing"}""", "storageUri")]
    [InlineData("""{"storageUri": "ftp://host/x"}""", "storageUri", "'ftp'")]
    [InlineData("""{"storageUri": "file://host/x"}""", "storageUri", "without host")]
    [InlineData("""{"storageUri": "s3://models/a/../b"}""", "storageUri", "dots")]
    [InlineData("""{"storageUri": "s3://models/a//b"}""", "storageUri", "empty part")]
    [InlineData("""{"storageUri": 5}""", "storageUri")]
    [InlineData("""{}""", "storageUri: missing")]
    [InlineData("""{"storageUri": "s3://models/x", "digest": "abc"}""", "digest")]
    [InlineData("""{"storageUri": "s3://models/x", "labels": "a"}""", "labels")]
    [InlineData("""{"storageUri": "s3://models/x", "lables": []}""", "lables")]
    public async Task A_body_that_is_not_of_its_form_is_told(string body, params string[] words)
    {
        using var answer = await RegisterAsync(Calls.NewModel(), body);

        await Calls.AssertProblemAsync(answer, 400, words);
    }

    [Fact]
    public async Task A_digest_that_was_told_must_be_the_versions()
    {
        places.Put("known/model.onnx", Model);
        var version = await RegisteredAsync("s3://models/known");
        var wrong = "sha256:" + new string('0', 64);

        using var right = await RegisterAsync(Calls.NewModel(), $$"""{"storageUri": "s3://models/known", "digest": "{{version.Digest}}"}""");
        using var refused = await RegisterAsync(Calls.NewModel(), $$"""{"storageUri": "s3://models/known", "digest": "{{wrong}}"}""");

        Assert.Equal(HttpStatusCode.Created, right.StatusCode);
        await Calls.AssertProblemAsync(refused, 422, "digest", version.Digest);
    }

    [Fact]
    public async Task Bytes_and_files_are_limited()
    {
        places.Put("large/model.onnx", Model);
        places.Put("large/data.bin", new byte[2_000_000]);
        using var large = await RegisterAsync(Calls.NewModel(), """{"storageUri": "s3://models/large"}""");
        await Calls.AssertProblemAsync(large, 422, "Registry:Sources:MaxBytes");

        places.S3.Objects["many/model.onnx"] = StoredObject.Of(Model);
        for (var n = 0; n < 1000; n++)
        {
            places.S3.Objects[$"many/{n}"] = StoredObject.Of([]);
        }

        using var many = await RegisterAsync(Calls.NewModel(), """{"storageUri": "s3://models/many"}""");
        await Calls.AssertProblemAsync(many, 422, "more than 1000");
    }

    [Fact]
    public async Task A_place_that_breaks_off_is_no_short_version()
    {
        places.Put("cut/model.onnx", OnnxModels.OfSize(300_000));
        using var ordered = places.OrderCuts("cut/model.onnx");

        using var answer = await RegisterAsync(Calls.NewModel(), """{"storageUri": "s3://models/cut"}""");

        await Calls.AssertProblemAsync(answer, 503, "storageUri", "try again");
        Assert.Empty(places.Registry.StagedFiles());
    }

    [Fact]
    public async Task Uris_made_at_random_never_fail_the_Registry_and_reach_nothing_but_what_is_allowed()
    {
        string[] parts =
        [
            "file://", "s3://", "gs://", "azure://", "https://", "http://", "S3://", "s3a://", "models", "other", "/", "//", "..", ".", "%2e%2e", "%2f", "%00", "\\", "?", "#",
            "@", ":", "127.0.0.1", "localhost", "[::1]", "169.254.169.254", "etc", "passwd", "run", "model.onnx", " ", "é", "\u0007", "~", "*", places.Root, places.Azure.Endpoint.AbsoluteUri,
        ];
        var random = new Random(7);
        places.S3.Objects["private/model.onnx"] = StoredObject.Of(Model[..10]);
        for (var round = 0; round < Rounds; round++)
        {
            var uri = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => parts[random.Next(parts.Length)]));
            using var answer = await RegisterAsync("fuzz", System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["storageUri"] = uri }));
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True((int)answer.StatusCode is 201 or 400 or 422, $"{uri}: {(int)answer.StatusCode} {text}");
            Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        }

        Assert.Empty(places.Registry.StagedFiles());
    }

    private async Task<ModelVersion> RegisteredAsync(string uri)
    {
        using var answer = await RegisterAsync(
            Calls.NewModel(), $$"""{"storageUri": "{{uri.Replace("{file}", $"file://{places.Root}", StringComparison.Ordinal)}}"}""");
        return await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.ModelVersion);
    }

    private Task<HttpResponseMessage> RegisterAsync(string model, string body) => places.Registry.Http.UploadAsync(model, Calls.Json(body));

    /// <summary>The same files in a folder and in three object storages, and a Registry that may read them.</summary>
    public sealed class Places : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal S3Server S3 { get; } = new();

        internal AzureServer Azure { get; } = new();

        internal GcsServer Gcs { get; } = new();

        internal SourceRegistry Registry { get; private set; } = null!;

        internal string Root => _folder.PathOf("root");

        public ValueTask InitializeAsync()
        {
            Directory.CreateDirectory(Root);
            Directory.CreateDirectory(_folder.PathOf("secret"));
            File.WriteAllBytes(_folder.PathOf("secret", "secret.onnx"), Model);
            Directory.CreateSymbolicLink(Path.Combine(Root, "out"), _folder.PathOf("secret"));
            Directory.CreateDirectory(Path.Combine(Root, "within"));
            File.CreateSymbolicLink(Path.Combine(Root, "within", "model.onnx"), _folder.PathOf("secret", "secret.onnx"));
            Directory.CreateDirectory(Path.Combine(Root, "circle"));
            Directory.CreateSymbolicLink(Path.Combine(Root, "circle", "again"), Path.Combine(Root, "circle"));
            Directory.CreateDirectory(Path.Combine(Root, "pipe"));
            using var pipe = System.Diagnostics.Process.Start("mkfifo", Path.Combine(Root, "pipe", "model.onnx"));
            pipe.WaitForExit();
            Registry = new SourceRegistry(new()
            {
                ["Registry:Sources:FileRoots:0"] = Root,
                ["Registry:Sources:MaxBytes"] = "1000000",
                ["Registry:Sources:S3:Buckets:0"] = ObjectServer.Bucket,
                ["Registry:Sources:S3:Endpoint"] = S3.Address.AbsoluteUri,
                ["Registry:Sources:S3:AccessKey"] = S3Server.AccessKey,
                ["Registry:Sources:S3:SecretKey"] = S3Server.SecretKey,
                ["Registry:Sources:Azure:Containers:0"] = ObjectServer.Bucket,
                ["Registry:Sources:Azure:Endpoint"] = Azure.Endpoint.AbsoluteUri,
                ["Registry:Sources:Azure:Account"] = AzureServer.Account,
                ["Registry:Sources:Azure:AccountKey"] = AzureServer.AccountKey,
                ["Registry:Sources:Gcs:Buckets:0"] = ObjectServer.Bucket,
                ["Registry:Sources:Gcs:Endpoint"] = Gcs.Address.AbsoluteUri,
                ["Registry:Sources:Gcs:MetadataServer"] = Gcs.Address.AbsoluteUri,
            });
            return default;
        }

        /// <summary>Puts a file into all of them.</summary>
        internal void Put(string path, byte[] content)
        {
            foreach (var server in new ObjectServer[] { S3, Azure, Gcs })
            {
                server.Objects[path] = StoredObject.Of(content);
            }

            var file = Path.Combine(Root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }

        /// <summary>Every answer with this object of the S3 server is cut, until the end of the order.</summary>
        internal IDisposable OrderCuts(string key) => S3.CutAlways(key);

        public async ValueTask DisposeAsync()
        {
            await Registry.DisposeAsync();
            await S3.DisposeAsync();
            await Azure.DisposeAsync();
            await Gcs.DisposeAsync();
            _folder.Dispose();
        }
    }

    /// <summary>A Registry whose staging area can be looked into.</summary>
    internal sealed class SourceRegistry(Dictionary<string, string?> settings) : RunningRegistry(settings: settings)
    {
        public IEnumerable<string> StagedFiles() => Calls.FilesIn(Path.Combine(DataDirectory, "blobs", "staging"));
    }
}
