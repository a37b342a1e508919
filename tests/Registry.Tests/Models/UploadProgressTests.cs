using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Registry.Tests.Models;

/// <summary>Whoever announces an upload can see how far it is.</summary>
public sealed class UploadProgressTests(SharedRegistry registry)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_is_seen_while_it_arrives_and_when_it_is_done()
    {
        var (model, id) = (Calls.NewModel(), Calls.NewModel());
        var onnx = OnnxModels.OfSize(1_000_000);
        using var body = new HeldContent(onnx, hold: 600_000);
        using var request = Announce(model, id, body);
        var upload = registry.Http.SendAsync(request, Token);

        await Eventually.BecomesTrueAsync(async () => await FindAsync(id) is { Bytes: >= 600_000 });
        var half = (await FindAsync(id))!;
        Assert.Equal((UploadPhase.Receiving, "model.onnx", model, onnx.Length), (half.Phase, half.File, half.Model, half.Total));
        Assert.True(half.Bytes < onnx.Length);
        using var same = await registry.Http.SendAsync(Announce(model, id, Calls.Raw(onnx)), Token);
        await Calls.AssertProblemAsync(same, 409, id, "under way");
        body.Release();
        using var answer = await upload;

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var done = (await FindAsync(id))!;
        Assert.Equal((UploadPhase.Done, 1, onnx.Length), (done.Phase, done.Version, done.Bytes));
    }

    [Fact]
    public async Task An_upload_that_failed_says_why()
    {
        var id = Calls.NewModel();
        using var answer = await registry.Http.SendAsync(Announce(Calls.NewModel(), id, Calls.Raw("no model"u8.ToArray())), Token);
        await Calls.AssertProblemAsync(answer, 422, "no ONNX model");

        var failed = (await FindAsync(id))!;
        Assert.Equal(UploadPhase.Failed, failed.Phase);
        Assert.Contains("no ONNX model", failed.Reason, StringComparison.Ordinal);

        // Its name is free again.
        using var again = await registry.Http.SendAsync(Announce(Calls.NewModel(), id, Calls.Raw(OnnxModels.Scale(1, -1))), Token);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Null((await FindAsync(id))!.Reason);
    }

    [Fact]
    public async Task An_upload_that_is_cut_has_failed()
    {
        var id = Calls.NewModel();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(registry.Http.BaseAddress!.Host, registry.Http.BaseAddress.Port, Token);
            var head = $"POST /api/models/{Calls.NewModel()}/versions HTTP/1.1\r\nHost: {registry.Http.BaseAddress.Authority}\r\n"
                + $"Content-Type: application/octet-stream\r\n{SluiceHeaders.UploadId}: {id}\r\nContent-Length: 500000\r\n\r\nabc";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            await Eventually.BecomesTrueAsync(async () => await FindAsync(id) is { Bytes: 3 });
        }

        await Eventually.BecomesTrueAsync(async () => await FindAsync(id) is { Phase: UploadPhase.Failed, Reason: not null });
    }

    [Fact]
    public async Task Progress_is_forgotten_and_what_was_not_announced_is_unknown()
    {
        var time = new ManualTime();
        await using var own = new RunningRegistry(time: time);
        using var answer = await own.Http.SendAsync(Announce("m", "u", Calls.Raw(OnnxModels.Scale(1, -1))), Token);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(UploadPhase.Done, (await own.Http.GetAsync("/api/uploads/u", ContractsJson.Default.UploadProgress)).Phase);

        time.Advance(TimeSpan.FromMinutes(11));

        foreach (var id in new[] { "u", "never" })
        {
            using var gone = await own.Http.GetAsync($"/api/uploads/{id}", Token);
            await Calls.AssertProblemAsync(gone, 404, id);
        }
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("..")]
    public async Task A_name_that_is_none_is_refused(string id)
    {
        using var answer = await registry.Http.SendAsync(Announce(Calls.NewModel(), id, Calls.Raw(OnnxModels.Scale(1, -1))), Token);
        await Calls.AssertProblemAsync(answer, 400, SluiceHeaders.UploadId);
    }

    [Fact]
    public async Task Many_small_uploads_at_once_all_become_versions()
    {
        var model = Calls.NewModel();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => registry.Http.SendAsync(
            Announce(model, $"{model}-{n}", Calls.Raw(OnnxModels.OfSize(200_000, n))), Token)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        var versions = new List<int?>();
        for (var n = 0; n < 20; n++)
        {
            versions.Add((await FindAsync($"{model}-{n}"))?.Version);
            answers[n].Dispose();
        }

        Assert.Equal(Enumerable.Range(1, 20), versions.Order().Select(version => version!.Value));
    }

    private static HttpRequestMessage Announce(string model, string id, HttpContent body) =>
        new(HttpMethod.Post, $"/api/models/{model}/versions") { Content = body, Headers = { { SluiceHeaders.UploadId, id } } };

    private async Task<UploadProgress?> FindAsync(string id)
    {
        using var answer = await registry.Http.GetAsync($"/api/uploads/{id}", Token);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.UploadProgress);
    }

    /// <summary>Sends its first part, and the rest when it is told to.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly byte[] _content;
        private readonly int _hold;
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldContent(byte[] content, int hold)
        {
            (_content, _hold) = (content, hold);
            Headers.ContentType = new("application/octet-stream");
        }

        public void Release() => _released.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_content.AsMemory(0, _hold), Token);
            await stream.FlushAsync(Token);
            await _released.Task.WaitAsync(Token);
            await stream.WriteAsync(_content.AsMemory(_hold), Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _content.Length;
            return true;
        }
    }
}
