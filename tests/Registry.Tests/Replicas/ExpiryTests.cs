using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Contracts;
using Sluice.Registry.Replicas;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Replicas;

/// <summary>Who is silent for longer than the expiry, 10 s, is struck off. The clock is the test's.</summary>
public sealed class ExpiryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_silent_is_struck_off_and_who_reports_stays()
    {
        var time = new ManualTime();
        await using var registry = new RunningRegistry(time: time);
        await ReportAsync(registry, "silent");
        await ReportAsync(registry, "talking");
        await registry.Client.ReportGatewayAsync("silent-gateway", new GatewayReport { Address = "http://g" }, Token);

        for (var second = 0; second < 9; second++)
        {
            await TickAsync(registry, time);
        }

        await ReportAsync(registry, "talking");
        Assert.Equal(["silent", "talking"], await IdsAsync(registry));
        await TickAsync(registry, time);
        await TickAsync(registry, time);

        Assert.Equal(["talking"], await IdsAsync(registry));
        Assert.Empty(await registry.Http.GetAsync(ApiPaths.Gateways, ContractsJson.Default.IReadOnlyListGatewayView));
    }

    [Fact]
    public async Task The_loop_looks_every_second_by_itself()
    {
        var time = new ManualTime();
        await using var registry = new RunningRegistry(time: time);
        await ReportAsync(registry, "silent");

        await Eventually.BecomesTrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await IdsAsync(registry)).Count == 0;
        });
    }

    [Fact]
    public async Task A_restart_strikes_nobody_off_before_the_expiry_has_passed_again()
    {
        using var data = new TemporaryFolder();
        await using (var first = new RunningRegistry(data.Path))
        {
            await ReportAsync(first, "r");
        }

        var time = new ManualTime();
        await using var second = new RunningRegistry(data.Path, time: time);
        var view = (await second.Http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView)).Single();
        Assert.Null(view.LastSeen);
        for (var tick = 0; tick < 10; tick++)
        {
            await TickAsync(second, time);
        }

        Assert.Equal(["r"], await IdsAsync(second));
        await TickAsync(second, time);
        Assert.Empty(await IdsAsync(second));
    }

    [Fact]
    public async Task A_Registry_that_stood_still_itself_strikes_nobody_off_for_it()
    {
        var time = new ManualTime();
        await using var registry = new RunningRegistry(time: time);
        await ReportAsync(registry, "r");
        await TickAsync(registry, time);

        time.Skip(TimeSpan.FromMinutes(5));
        for (var tick = 0; tick < 10; tick++)
        {
            await TickAsync(registry, time);
            Assert.Equal(["r"], await IdsAsync(registry));
        }

        await TickAsync(registry, time);
        await TickAsync(registry, time);
        Assert.Empty(await IdsAsync(registry));
    }

    // The loop's own timer runs too, at any moment after the clock moved; what it does besides is the same.
    private static Task TickAsync(RunningRegistry registry, ManualTime time)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return registry.Services.GetServices<IHostedService>().OfType<ExpiryLoop>().Single().TickAsync(Token);
    }

    private static Task ReportAsync(RunningRegistry registry, string id) => registry.Client.ReportReplicaAsync(id, Calls.Replica(), Token);

    private static async Task<List<string>> IdsAsync(RunningRegistry registry) =>
        [.. (await registry.Http.GetAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView)).Select(view => view.Status.Id)];
}
