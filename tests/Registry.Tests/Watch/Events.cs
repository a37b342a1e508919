using System.Net.ServerSentEvents;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Watch;

/// <summary>A watch as a client reads it, event by event, as it stands on the wire.</summary>
internal sealed class Events : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly Stream _stream;
    private readonly IAsyncEnumerator<SseItem<string>> _items;
    private readonly SseParser<string> _parser;

    private Events(HttpResponseMessage answer, Stream stream)
    {
        _answer = answer;
        _stream = stream;
        _parser = SseParser.Create(stream);
        _items = _parser.EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    public HttpResponseMessage Answer => _answer;

    /// <summary>The id of the last event that had one.</summary>
    public string LastId => _parser.LastEventId;

    public static async Task<Events> OpenAsync(HttpClient http, string query = "")
    {
        var answer = await http.GetAsync(ApiPaths.Watch + query, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return new Events(answer, await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event, whatever it is.</summary>
    public async Task<SseItem<string>> NextAsync()
    {
        Assert.True(await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "The watch ended.");
        return _items.Current;
    }

    /// <summary>The next snapshot or change; heartbeats are passed over.</summary>
    public async Task<WatchEvent> NextEventAsync()
    {
        while (true)
        {
            var item = await NextAsync();
            if (item.EventType != WatchEventTypes.Heartbeat)
            {
                var watchEvent = JsonSerializer.Deserialize(item.Data, ContractsJson.Default.WatchEvent)!;
                Assert.Equal(item.EventType == WatchEventTypes.Snapshot, watchEvent.IsSnapshot);
                Assert.Equal($"{watchEvent.Revision}", LastId);
                return watchEvent;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _answer.Dispose();
        await _stream.DisposeAsync();
    }
}
