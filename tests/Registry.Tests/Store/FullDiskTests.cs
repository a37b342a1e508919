using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Store;

/// <summary>What happens when the embedded store can be written no further, or not at all.</summary>
public sealed class FullDiskTests
{
    private static readonly string Digest = VersionDigest.Prefix + new string('a', 64);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_writes_with_the_reason_goes_on_reading_and_loses_nothing_acknowledged()
    {
        using var data = new TemporaryFolder();
        var acknowledged = -1;
        await using (var registry = await RegistryProcess.StartWithFileLimitAsync(data.Path, kibibytes: 1000))
        {
            for (var status = 204; status == 204;)
            {
                using var answer = await ReportAsync(registry, acknowledged + 1);
                status = (int)answer.StatusCode;
                if (status == 204)
                {
                    acknowledged++;
                }
                else
                {
                    await Calls.AssertProblemAsync(answer, 503);
                }

                Assert.True(acknowledged < 1000, "the limit was never reached");
            }

            Assert.True(acknowledged > 0, "nothing was ever written");
            using var again = await ReportAsync(registry, acknowledged + 1);
            await Calls.AssertProblemAsync(again, 503);
            Assert.Equal($"cpu:{acknowledged}", await DeviceAsync(registry.Http));
            await Eventually.BecomesTrueAsync(() => registry.Output.Contains("disk", StringComparison.Ordinal));
        }

        await using var larger = await RegistryProcess.StartAsync(data.Path);
        Assert.Contains(await DeviceAsync(larger.Http), new[] { $"cpu:{acknowledged}", $"cpu:{acknowledged + 1}" });
        using var next = await ReportAsync(larger, 1_000_000);
        Assert.Equal(204, (int)next.StatusCode);
        Assert.Equal("cpu:1000000", await DeviceAsync(larger.Http));
    }

    [Fact]
    public async Task A_file_that_must_not_be_written_ends_the_start_with_what_to_do()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may write any file: run this test as another user.");
        using var data = new TemporaryFolder();
        await using (var first = await RegistryProcess.StartAsync(data.Path))
        {
            await first.TerminateAsync(TimeSpan.FromSeconds(20));
        }

        File.SetAttributes(data.PathOf("registry.db"), FileAttributes.ReadOnly);
        await using var registry = RegistryProcess.Launch(data.Path);

        Assert.Equal(ServiceDefaults.ServiceHost.CannotStart, await registry.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("right to write", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    // Each report differs from the one before and is some thirty kilobytes.
    private static async Task<HttpResponseMessage> ReportAsync(RegistryProcess registry, int number)
    {
        var versions = string.Join(',', Enumerable.Range(0, 200).Select(n => $$"""{"model": "m{{n}}", "version": 1, "digest": "{{Digest}}", "state": "Ready"}"""));
        return await registry.Http.PutAsync(
            "/api/replicas/r", Calls.Json($$"""{"pool": "stable", "address": "http://a", "device": "cpu:{{number}}", "versions": [{{versions}}]}"""), Token);
    }

    private static async Task<string> DeviceAsync(HttpClient http) =>
        (await http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView)).Single().Status.Device;
}
