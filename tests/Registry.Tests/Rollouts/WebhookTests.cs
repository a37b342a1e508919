using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Contracts;
using Sluice.Registry.Rollouts.Webhooks;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>Webhooks that are asked before a step: over real connections, and never to where only the Registry reaches.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const string Secret = "0123456789abcdef-webhook-secret";

    private readonly string _model = Calls.NewModel();
    private readonly ConcurrentQueue<(string Body, string Signature)> _asked = new();
    private WebApplication _webhook = null!;
    private Func<HttpContext, Task> _answer = context => context.Response.WriteAsync("""{"decision": "wait"}""");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Port => new Uri(_webhook.Urls.Single()).Port;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        _webhook = builder.Build();
        _webhook.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            _asked.Enqueue((await reader.ReadToEndAsync(Token), context.Request.Headers[WebhookCall.SignatureHeader].ToString()));
            await _answer(context);
        });
        await _webhook.StartAsync(Token);
    }

    public ValueTask DisposeAsync() => _webhook.DisposeAsync();

    [Fact]
    public async Task A_webhook_is_asked_with_a_signature_and_its_approval_lets_the_step_begin()
    {
        _answer = context => context.Response.WriteAsync("""{"decision": "approve", "reason": "business hours"}""");
        await using var registry = NewRegistry();

        var rollout = await StartAsync(registry);
        rollout = await BecomesAsync(registry, rollout.Id, seen => seen is { Phase: RolloutPhase.Progressing, StepSince: not null });

        Assert.Equal(2500, rollout.Weight.BasisPoints);
        var events = await registry.Http.GetAsync($"/api/rollouts/{rollout.Id}/events", ContractsJson.Default.IReadOnlyListRolloutEvent);
        Assert.Contains(events, each => each.Actor == "webhook" && each.Reason.Contains("business hours", StringComparison.Ordinal));

        Assert.True(_asked.TryPeek(out var asked));
        var question = JsonElement.Parse(asked.Body);
        Assert.Equal((rollout.Id, 1, 2, 0, 2500), (
            question.GetProperty("rollout").GetString(), question.GetProperty("stable").GetInt32(), question.GetProperty("canary").GetInt32(),
            question.GetProperty("step").GetInt32(), question.GetProperty("weight").GetInt32()));
        var parts = asked.Signature.Split(',').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{asked.Body}"));
        Assert.Equal(Convert.ToHexStringLower(expected), parts["v1"]);
    }

    [Fact]
    public async Task A_rejection_rolls_back_with_the_webhooks_words()
    {
        _answer = context => context.Response.WriteAsync("""{"decision": "reject", "reason": "freeze until Monday"}""");
        await using var registry = NewRegistry();

        var rollout = await StartAsync(registry);
        rollout = await BecomesAsync(registry, rollout.Id, seen => seen.IsDecided);

        Assert.Equal(RolloutPhase.RolledBack, rollout.Phase);
        Assert.Contains("freeze until Monday", rollout.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, """{"decision": "approve"}""")]
    [InlineData(302, "")]
    [InlineData(204, "")]
    [InlineData(200, "yes")]
    [InlineData(200, """{"decision": "perhaps"}""")]
    [InlineData(200, "null")]
    public async Task Every_other_answer_leaves_the_rollout_waiting(int status, string body)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"http://localhost:{Port}/elsewhere";
            return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
        };
        await using var registry = NewRegistry();

        var rollout = await StartAsync(registry);
        await Eventually.BecomesTrueAsync(() => !_asked.IsEmpty);

        await Task.Delay(300, Token); // what must not come has time to
        rollout = await registry.Http.GetAsync($"/api/rollouts/{rollout.Id}", ContractsJson.Default.Rollout);
        Assert.Equal((RolloutPhase.Paused, PauseKind.Webhook), (rollout.Phase, rollout.Pause!.Kind));
        Assert.Single(_asked); // not the redirect's target either
        using var person = await registry.Http.PostAsync($"/api/rollouts/{rollout.Id}/approve", Calls.Json($$"""{"generation": {{rollout.Generation}}}"""), Token);
        Assert.Equal(HttpStatusCode.OK, person.StatusCode);
    }

    [Fact]
    public async Task A_name_that_leads_to_an_internal_address_is_not_asked()
    {
        await using var registry = NewRegistry(internalHost: "hooks.example");

        using var plain = await PostAsync(registry, $"http://localhost:{Port}/");
        await Calls.AssertProblemAsync(plain, 400, "webhook", "https");
        await StartAsync(registry, $"https://localhost:{Port}/");

        await Task.Delay(2500, Token); // it is asked every second at first
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("ff02::1")]
    public void Internal_addresses_are_known_in_every_disguise(string address) => Assert.False(PublicAddresses.Contain(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("2606:4700::1111")]
    public void Public_addresses_are_public(string address) => Assert.True(PublicAddresses.Contain(IPAddress.Parse(address)));

    private static RunningRegistry NewRegistry(string internalHost = "localhost") => new(settings: new()
    {
        ["Registry:Rollouts:WebhookSecret"] = Secret,
        ["Registry:Rollouts:InternalWebhookHosts:0"] = internalHost,
        ["Registry:ReplicaExpiry"] = "01:00:00",
    });

    private async Task<Rollout> StartAsync(RunningRegistry registry, string? webhook = null)
    {
        using var answer = await PostAsync(registry, webhook ?? $"http://localhost:{Port}/hook");
        var rollout = await Calls.ReadAsync(answer, HttpStatusCode.Created, ContractsJson.Default.Rollout);
        await registry.Client.ReportReplicaAsync("c1", Replica(Pools.Canary, 2), Token);
        return rollout;
    }

    private async Task<HttpResponseMessage> PostAsync(RunningRegistry registry, string webhook)
    {
        await registry.Http.RegisterAsync(_model, OnnxModels.Classifier());
        await registry.Http.RegisterAsync(_model, OnnxModels.Classifier());
        await registry.Http.ServeAsync(_model, 1);
        await registry.Client.ReportReplicaAsync("s1", Replica(Pools.Stable, 1), Token);
        return await registry.Http.PostAsync(
            $"/api/models/{_model}/rollouts",
            Calls.Json($$"""{"version": 2, "steps": [{"weight": 2500, "gate": "Webhook"}], "webhook": "{{webhook}}"}"""),
            Token);
    }

    private ReplicaReport Replica(string pool, int version) =>
        Calls.Replica(pool, new ReplicaVersion(_model, version, VersionDigest.Prefix + new string('a', 64), VersionState.Ready));

    private static async Task<Rollout> BecomesAsync(RunningRegistry registry, string id, Func<Rollout, bool> isAsWanted)
    {
        Rollout? seen = null;
        await Eventually.BecomesTrueAsync(async () => isAsWanted(seen = await registry.Http.GetAsync($"/api/rollouts/{id}", ContractsJson.Default.Rollout)));
        return seen!;
    }
}
