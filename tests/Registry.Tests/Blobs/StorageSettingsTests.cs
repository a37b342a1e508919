using Sluice.Contracts;
using Sluice.Registry.Tests.Objects;
using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Blobs;

/// <summary>A blob store that is set wrongly or not to be had ends the start in one line; one that is works through the front door.</summary>
public sealed class StorageSettingsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Registry:Blobs:S3:Bucket is missing", "Registry__Blobs__Store=s3")]
    [InlineData("Registry:Blobs:S3:SecretKey is missing", "Registry__Blobs__Store=s3;Registry__Blobs__S3__Bucket=b;Registry__Blobs__S3__AccessKey=a")]
    [InlineData("Registry:Blobs:Azure:Endpoint", "Registry__Blobs__Store=azure;Registry__Blobs__Azure__Container=c;Registry__Blobs__Azure__SasToken=s")]
    [InlineData("Registry:Blobs:Gcs:Token", "Registry__Blobs__Store=gcs;Registry__Blobs__Gcs__Bucket=b;Registry__Blobs__Gcs__Token=t;Registry__Blobs__Gcs__TokenFile=f")]
    [InlineData("Registry:Blobs:Folder is missing", "Registry__Blobs__Shared=true")]
    [InlineData("Registry:Blobs:GracePeriod", "Registry__Blobs__GracePeriod=00:00:01")]
    [InlineData("Registry:Blobs:Store", "Registry__Blobs__Store=tape")]
    [InlineData("Registry:Sources:FileRoots", "Registry__Sources__FileRoots__0=relative")]
    [InlineData("Registry:Sources:Azure:Endpoint", "Registry__Sources__Azure__Containers__0=c")]
    public async Task A_setting_that_is_missing_or_wrong_ends_the_start_and_is_named(string key, string variables)
    {
        using var temporary = new TemporaryFolder();
        await using var registry = RegistryProcess.Launch(
            temporary.Path, [.. variables.Split(';').Select(pair => (pair.Split('=')[0], (string?)pair.Split('=')[1]))]);

        Assert.Equal(ServiceHost.InvalidConfiguration, await registry.WaitForExitAsync(Patience));
        Assert.Contains(key, registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_not_there_ends_the_start_with_what_to_do_and_no_secret()
    {
        using var temporary = new TemporaryFolder();
        await using var registry = RegistryProcess.Launch(
            temporary.Path, [.. S3($"http://127.0.0.1:{FreePort.Take(1)[0]}").Select(pair => (pair.Key.Replace(":", "__", StringComparison.Ordinal), (string?)pair.Value))]);

        Assert.Equal(ServiceHost.CannotStart, await registry.WaitForExitAsync(Patience));
        Assert.Contains("Cannot start: The S3 bucket models does not answer", registry.Output, StringComparison.Ordinal);
        Assert.Contains("Registry:Blobs:S3", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(S3Server.SecretKey, registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_registered_into_a_bucket_and_served_from_it_and_its_end_is_a_problem_that_says_so()
    {
        await using var server = new S3Server();
        await using var registry = new RunningRegistry(settings: S3(server.Address.AbsoluteUri));
        var model = OnnxModels.OfSize(200_000);
        var version = await registry.Http.RegisterAsync("m", model);

        Assert.Equal(model, await registry.Http.GetByteArrayAsync(ApiPaths.ForBlob(version.Files[0].Digest), Token));
        using var middle = new HttpRequestMessage(HttpMethod.Get, ApiPaths.ForBlob(version.Files[0].Digest));
        middle.Headers.Range = new(1000, 1999);
        using var part = await registry.Http.SendAsync(middle, Token);
        Assert.Equal(model[1000..2000], await part.Content.ReadAsByteArrayAsync(Token));
        Assert.Single(server.Objects);

        server.Order("*", FaultKind.Full, times: 100);
        using var full = await registry.Http.UploadAsync("m", Calls.Raw(OnnxModels.Scale(1, -1)));
        await Calls.AssertProblemAsync(full, 507, "no room left");
        server.Heal();
        await server.DisposeAsync();
        using var gone = await registry.Http.UploadAsync("m", Calls.Raw(OnnxModels.Scale(1, -1)));
        await Calls.AssertProblemAsync(gone, 503, "does not answer", "check its address");
        Assert.Single(await registry.Http.GetAsync("/api/models/m/versions", ContractsJson.Default.IReadOnlyListModelVersion));
    }

    private static Dictionary<string, string?> S3(string address) => new()
    {
        ["Registry:Blobs:Store"] = "s3",
        ["Registry:Blobs:S3:Bucket"] = ObjectServer.Bucket,
        ["Registry:Blobs:S3:Endpoint"] = address,
        ["Registry:Blobs:S3:AccessKey"] = S3Server.AccessKey,
        ["Registry:Blobs:S3:SecretKey"] = S3Server.SecretKey,
    };
}
