using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Access;

/// <summary>Gateway and Registry: keys are made, replaced and ended by the one and count at the other.</summary>
public sealed class RotationTests
{
    private const string Infer = "/v2/models/wine/infer";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secrets_are_replaced_under_load_without_one_refused_request_and_the_old_ones_end()
    {
        await using var stage = await KeysStage.SetAsync();
        var (registry, gateway, key) = (stage.Registry, stage.Gateway, stage.Key);
        var (primary, secondary) = (key.Primary, key.Secondary);
        var inUse = secondary;
        var (answered, refused) = (0, 0);
        using var end = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => CallAsync()).ToArray();

        for (var round = 0; round < 5; round++)
        {
            // Everybody uses the second while the first is replaced, and the new first once it is known; then the other way round.
            primary = await ReplaceAsync(KeySlot.Primary, primary);
            secondary = await ReplaceAsync(KeySlot.Secondary, secondary);
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(0, refused);
        Assert.True(answered > 100, $"{answered} answered");
        Assert.Equal(401, await gateway.Http.StatusAsync("POST", Infer, $"Bearer {key.Primary}"));
        Assert.Equal(401, await gateway.Http.StatusAsync("POST", Infer, $"Bearer {key.Secondary}"));

        async Task<string> ReplaceAsync(KeySlot which, string old)
        {
            var next = await registry.RegenerateAsync("acme", which);
            await IsAcceptedAsync(gateway, next);
            Assert.Equal(401, await gateway.Http.StatusAsync("POST", Infer, $"Bearer {old}"));
            Volatile.Write(ref inUse, next);
            var before = Volatile.Read(ref answered);
            await Eventually.BecomesTrueAsync(() => Volatile.Read(ref answered) > before + 20); // nobody sends the one before any more
            return next;
        }

        async Task CallAsync()
        {
            while (!end.IsCancellationRequested)
            {
                var status = await gateway.Http.StatusAsync("POST", Infer, $"Bearer {Volatile.Read(ref inUse)}");
                Interlocked.Increment(ref status == 200 ? ref answered : ref refused);
            }
        }
    }

    [Fact]
    public async Task A_token_of_the_Registry_is_good_for_its_model_until_its_key_goes()
    {
        await using var stage = await KeysStage.SetAsync();
        var (registry, gateway, key) = (stage.Registry, stage.Gateway, stage.Key);

        // By the gateway, which passes it on with the credential.
        using var made = await gateway.Http.SendAsync("POST", "/api/models/wine/token", $"Bearer {key.Primary}");
        var token = (await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJson.Default.AccessToken, Token))!.Token;

        Assert.Equal(200, await gateway.Http.StatusAsync("POST", Infer, $"Bearer {token}"));
        Assert.Equal(200, await gateway.Http.StatusAsync("POST", Infer, $"Bearer {token}"));
        Assert.Equal(403, await gateway.Http.StatusAsync("POST", "/v2/models/beer/infer", $"Bearer {token}"));
        (await registry.Admin.DeleteAsync(ApiPaths.ForKey("acme"), Token)).Dispose();
        await Eventually.BecomesTrueAsync(async () => await gateway.Http.StatusAsync("POST", Infer, $"Bearer {token}") == 401);
    }

    private static Task IsAcceptedAsync(RunningGateway gateway, string secret) =>
        Eventually.BecomesTrueAsync(async () => await gateway.Http.StatusAsync("POST", Infer, $"Bearer {secret}") == 200);

    // A Registry that knows one key, one model that is served, and a gateway that takes the key.
    private sealed class KeysStage : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private FakePredictor? _predictor;

        public RealRegistry Registry { get; private set; } = null!;

        public RunningGateway Gateway { get; private set; } = null!;

        public CreatedApiKey Key { get; private set; } = null!;

        public static async Task<KeysStage> SetAsync()
        {
            var stage = new KeysStage();
            try
            {
                stage.Registry = await RealRegistry.StartAsync(stage._folder.PathOf("registry"));
                stage._predictor = await FakePredictor.StartAsync("p");
                await stage.Registry.ServeAsync("wine", stage._predictor);
                stage.Key = await stage.Registry.CreateKeyAsync("acme");
                stage.Gateway = RunningGateway.Start(
                    stage.Registry.Address, stage._folder.PathOf("state.json"), ("Gateway:Access", "keys"), ("RegistryClient:Token", RealRegistry.GatewaySecret));
                await IsAcceptedAsync(stage.Gateway, stage.Key.Primary);
                return stage;
            }
            catch
            {
                await stage.DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var part in new IAsyncDisposable?[] { Gateway, _predictor, Registry })
            {
                await (part?.DisposeAsync() ?? default);
            }

            _folder.Dispose();
        }
    }
}
