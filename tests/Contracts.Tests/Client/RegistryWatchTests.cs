using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sluice.Testing;

namespace Sluice.Contracts.Tests.Client;

/// <summary>The client that follows the Registry, against a real one, over a wire that is cut.</summary>
public sealed class RegistryWatchTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Registry _registry = null!;
    private CutProxy _proxy = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string StateFile => _folder.PathOf("state.json");

    public ValueTask InitializeAsync()
    {
        _registry = new Registry(_folder.PathOf("registry"));
        _proxy = new CutProxy(_registry.Address);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await _registry.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_follows_what_happens_and_keeps_the_file_up_to_date()
    {
        await using var watch = await FollowAsync();
        Assert.Equal(StateSource.None, new Following(this, "http://127.0.0.1:1").Watch.Source);
        await _registry.Client.ReportReplicaAsync("r", States.Report(), Token);

        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.ContainsKey("r"));
        Assert.True(watch.Watch.IsConnected);
        Assert.Equal(StateSource.Registry, watch.Watch.Source);
        Assert.InRange(watch.Watch.Silence!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));

        await _registry.Client.RemoveReplicaAsync("r", Token);
        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.IsEmpty);
        await Eventually.BecomesTrueAsync(() => new LastKnownGood(StateFile).Read()?.Revision == watch.Current.Revision);
    }

    [Fact]
    public async Task Who_waits_for_a_change_is_woken_by_it_and_only_by_it()
    {
        await using var watch = await FollowAsync();
        var seen = watch.Current;
        var change = watch.Watch.WaitForChangeAsync(seen, Token);
        Assert.False(change.IsCompleted);

        await _registry.Client.ReportReplicaAsync("r", States.Report(), Token);

        Assert.True((await change.WaitAsync(TimeSpan.FromSeconds(20), Token)).Replicas.ContainsKey("r"));
        Assert.Same(watch.Current, await watch.Watch.WaitForChangeAsync(seen, Token));
        using var stop = new CancellationTokenSource();
        var never = watch.Watch.WaitForChangeAsync(watch.Current, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
    }

    [Fact]
    public async Task Cut_again_and_again_while_much_happens_it_misses_nothing()
    {
        await using var watch = await FollowAsync();

        await ReportWhileCutAsync(replicas: 60, cutEvery: 12);

        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.Count == 60);
        Assert.Equal(await RevisionAsync(), watch.Current.Revision);
        Assert.True(_proxy.Connections > 3, $"{_proxy.Connections} connections: it was not cut");
    }

    [Fact]
    public async Task A_watch_that_is_resumed_after_each_cut_tells_each_revision_once()
    {
        using var http = new HttpClient { BaseAddress = _proxy.Address };
        var client = new RegistryClient(http);
        var told = new List<WatchEvent>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var following = Task.Run(() => FollowAsync(client, told, stop.Token), Token);
        await Eventually.BecomesTrueAsync(() => Count() > 0);

        await ReportWhileCutAsync(replicas: 60, cutEvery: 12);

        await Eventually.BecomesTrueAsync(() => Count() == 61);
        await stop.CancelAsync();
        await following;
        Assert.True(told[0].IsSnapshot);
        Assert.All(told.Skip(1), watchEvent => Assert.False(watchEvent.IsSnapshot));
        Assert.Equal(Enumerable.Range(0, 61).Select(i => told[0].Revision + i), told.Select(watchEvent => watchEvent.Revision));

        int Count()
        {
            lock (told)
            {
                return told.Count;
            }
        }
    }

    [Fact]
    public async Task A_network_that_falls_silent_counts_as_cut()
    {
        await using var watch = await FollowAsync(timeout: TimeSpan.FromSeconds(1));
        var connections = _proxy.Connections;

        _proxy.Hold();

        await Eventually.BecomesTrueAsync(() => !watch.Watch.IsConnected);
        await Eventually.BecomesTrueAsync(() => _proxy.Connections > connections);
        Assert.Equal(StateSource.Registry, watch.Watch.Source);
    }

    [Fact]
    public async Task With_the_Registry_down_it_starts_from_the_last_known_good_state_and_goes_on_from_there()
    {
        await _registry.Client.ReportReplicaAsync("r", States.Report(), Token);
        await using (var before = await FollowAsync())
        {
            await Eventually.BecomesTrueAsync(() => before.Current.Replicas.ContainsKey("r"));
        } // the last state is written at the end, too

        _proxy.Target = null;
        _proxy.Cut();
        await using var watch = new Following(this);
        Assert.Equal(StateSource.LastKnownGood, watch.Watch.Source);
        Assert.True(watch.Current.Replicas.ContainsKey("r"));
        await watch.StartAsync();
        Assert.False(watch.Watch.IsConnected);
        Assert.Null(watch.Watch.Silence);

        await _registry.Client.ReportReplicaAsync("later", States.Report(), Token);
        _proxy.Target = _registry.Address;
        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.ContainsKey("later"));
        Assert.Equal(StateSource.Registry, watch.Watch.Source);
    }

    [Fact]
    public async Task The_first_word_of_the_Registry_is_news_even_when_nothing_changed()
    {
        await using (var before = await FollowAsync())
        {
            await Eventually.BecomesTrueAsync(() => before.Watch.Source == StateSource.Registry);
        }

        await using var watch = new Following(this);
        await watch.StartAsync();

        await Eventually.BecomesTrueAsync(() => watch.Watch.Source == StateSource.Registry);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"storeId\": \"x\", \"rev")]
    [InlineData("{\"storeId\": \"x\", \"revision\": 1, \"isSnapshot\": true, \"changes\": [null]}")]
    public async Task A_damaged_file_is_passed_over_and_replaced(string content)
    {
        await File.WriteAllTextAsync(StateFile, content, Token);
        await _registry.Client.ReportReplicaAsync("r", States.Report(), Token);

        await using var watch = new Following(this);
        Assert.Equal(StateSource.None, watch.Watch.Source);
        await watch.StartAsync();

        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.ContainsKey("r"));
        await Eventually.BecomesTrueAsync(() => ReadsWell());

        bool ReadsWell()
        {
            try
            {
                return new LastKnownGood(StateFile).Read()?.Replicas.ContainsKey("r") == true;
            }
            catch (System.Text.Json.JsonException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Another_store_behind_the_same_address_is_told_by_a_snapshot_that_forgets_the_old_one()
    {
        await _registry.Client.ReportReplicaAsync("old", States.Report(), Token);
        await using var watch = await FollowAsync();
        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.ContainsKey("old"));
        var former = watch.Current.StoreId;

        await using var other = new Registry(_folder.PathOf("other"));
        for (var i = 0; i < 5; i++)
        {
            await other.Client.ReportReplicaAsync("new", States.Report(i), Token); // its revisions reach those of the old store
        }

        _proxy.Target = other.Address;
        _proxy.Cut();

        await Eventually.BecomesTrueAsync(() => watch.Current.Replicas.ContainsKey("new"));
        Assert.False(watch.Current.Replicas.ContainsKey("old"));
        Assert.NotEqual(former, watch.Current.StoreId);
    }

    [Fact]
    public async Task The_client_opens_blobs_and_says_when_there_is_none()
    {
        var model = OnnxModels.OfSize(50_000);
        using var body = new ByteArrayContent(model);
        body.Headers.ContentType = new("application/octet-stream");
        using var answer = await _registry.Http.PostAsync("/api/models/m/versions", body, Token);
        var version = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.ModelVersion, Token);

        await using var blob = await _registry.Client.OpenBlobAsync(version!.Files[0].Digest, Token);
        using var copy = new MemoryStream();
        await blob.CopyToAsync(copy, Token);
        Assert.Equal(model, copy.ToArray());

        var missing = await Assert.ThrowsAsync<HttpRequestException>(() => _registry.Client.OpenBlobAsync(States.Digest, Token));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private async Task ReportWhileCutAsync(int replicas, int cutEvery)
    {
        for (var i = 0; i < replicas; i++)
        {
            await _registry.Client.ReportReplicaAsync($"r{i}", States.Report(), Token);
            if (i % cutEvery == cutEvery - 1)
            {
                var connections = _proxy.Connections;
                _proxy.Cut();
                await Eventually.BecomesTrueAsync(() => _proxy.Connections > connections);
            }
        }
    }

    private async Task<long> RevisionAsync()
    {
        await foreach (var watchEvent in _registry.Client.WatchAsync(0, null, Token))
        {
            return watchEvent!.Revision;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    // What RegistryWatch does with its connection, without its waits, and with every event kept.
    private static async Task FollowAsync(RegistryClient client, List<WatchEvent> told, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var (after, storeId) = told.Count == 0 ? (0, null) : (told[^1].Revision, told[^1].StoreId);
                await foreach (var watchEvent in client.WatchAsync(after, storeId, cancellationToken))
                {
                    if (watchEvent is not null)
                    {
                        lock (told)
                        {
                            told.Add(watchEvent);
                        }
                    }
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                // Cut, or the test is over.
            }
        }
    }

    private async Task<Following> FollowAsync(TimeSpan? timeout = null)
    {
        var following = new Following(this, timeout: timeout);
        await following.StartAsync();
        await Eventually.BecomesTrueAsync(() => following.Watch.IsConnected);
        return following;
    }

    /// <summary>A <see cref="RegistryWatch"/> at the far end of the proxy.</summary>
    private sealed class Following : IAsyncDisposable
    {
        private readonly HttpClient _http;

        public Following(RegistryWatchTests test, string? address = null, TimeSpan? timeout = null)
        {
            _http = new HttpClient { BaseAddress = new Uri(address ?? test._proxy.Address.AbsoluteUri), Timeout = Timeout.InfiniteTimeSpan };
            var options = new RegistryClientOptions { StateFile = test.StateFile, WatchTimeout = timeout ?? TimeSpan.FromSeconds(60) };
            Watch = new RegistryWatch(new RegistryClient(_http), Options.Create(options), TimeProvider.System, NullLogger<RegistryWatch>.Instance);
        }

        public RegistryWatch Watch { get; }

        public ClusterState Current => Watch.Current;

        public Task StartAsync() => Watch.StartAsync(Token);

        public async ValueTask DisposeAsync()
        {
            await Watch.StopAsync(CancellationToken.None);
            Watch.Dispose();
            _http.Dispose();
        }
    }

    /// <summary>The Registry, on a real socket.</summary>
    private sealed class Registry : WebApplicationFactory<Program>
    {
        private readonly string _dataDirectory;

        public Registry(string dataDirectory)
        {
            _dataDirectory = dataDirectory;
            UseKestrel();
            StartServer();
            var address = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
            Client = new RegistryClient(Http);
        }

        public HttpClient Http { get; }

        public RegistryClient Client { get; }

        public Uri Address => Http.BaseAddress!;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("urls", "http://127.0.0.1:0");
            builder.UseSetting("Registry:DataDirectory", _dataDirectory);
            builder.UseSetting("Registry:SamplesDirectory", "");
            builder.UseSetting("Logging:LogLevel:Default", "Error");
        }
    }
}
