namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>One of two gateways goes, under load that comes through a balancer.</summary>
[Collection(nameof(SharedFleet))]
public sealed class GatewayFaultTests(Fleet fleet)
{
    [Fact]
    public async Task A_gateway_that_is_ended_and_started_again_costs_no_request()
    {
        var traffic = await StartAsync("gateway-ended");

        await fleet.Gateways[0].TerminateAsync();
        await traffic.MoreAsync(300);
        fleet.Gateways[0].Start();
        await fleet.Gateways[0].ReadyAsync();
        await traffic.MoreAsync(300);

        var received = await traffic.EndAsync();
        Assert.Empty(received.Where(answer => answer.Problem is not null).Select(answer => answer.Problem));
    }

    [Fact]
    public async Task A_gateway_that_is_killed_costs_only_what_it_was_working_on()
    {
        var traffic = await StartAsync("gateway-killed");

        await fleet.Gateways[0].KillAsync();
        await traffic.MoreAsync(300);
        fleet.Gateways[0].Start();
        await fleet.Gateways[0].ReadyAsync();
        await traffic.MoreAsync(300);

        // Each user had one request under way at most; those at the other gateway are answered.
        var failed = (await traffic.EndAsync()).Where(answer => answer.Problem is not null).ToList();
        Assert.True(failed.Count <= Traffic.Users, string.Join('\n', failed));
        Assert.All(failed, answer => Assert.Null(answer.Status)); // broken connections, and never a wrong answer
    }

    // Its clients are told to use another connection (GOAWAY) while what is under way on this one is still answered.
    [Fact]
    public async Task A_gateway_that_is_ended_and_started_again_costs_no_gRPC_call()
    {
        await fleet.ServeAsync("gateway-ended-grpc", canaryShare: 0, 1);
        var traffic = GrpcTraffic.Start(fleet.GrpcBalancer.Address, "gateway-ended-grpc");
        await traffic.MoreAsync(500);
        Assert.NotEqual(0, await fleet.Gateways[0].ReadMetricAsync("sluice_gateway_responses_total", ("model", "gateway-ended-grpc"), ("outcome", "ok")));

        foreach (var gateway in fleet.Gateways)
        {
            await gateway.TerminateAsync();
            Assert.DoesNotContain("Gateway:DrainTimeout", gateway.Output, StringComparison.Ordinal); // it did not have to wait until its patience ended
            await traffic.MoreAsync(300);
            gateway.Start();
            await gateway.ReadyAsync();
            await traffic.MoreAsync(300);
        }

        Assert.Empty(await traffic.EndAsync());
    }

    private async Task<Traffic> StartAsync(string model)
    {
        var known = await fleet.ServeAsync(model, canaryShare: 0, 1);
        var traffic = Traffic.Start(fleet.Users, model, known);
        await traffic.MoreAsync(500);
        return traffic;
    }
}
