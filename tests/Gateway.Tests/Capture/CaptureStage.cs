using System.Text.Json;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Capture;

/// <summary>A stage whose gateway captures every request of <c>wine</c> to a folder of the test.</summary>
internal sealed class CaptureStage : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private CaptureStage()
    {
    }

    public Stage Stage { get; private set; } = null!;

    public Counts Counts { get; private set; } = null!;

    public string Folder => _folder.PathOf("captured");

    public static async Task<CaptureStage> SetAsync(params (string Key, string Value)[] settings)
    {
        var capture = new CaptureStage();
        capture.Stage = await Stage.SetWithWineAsync(1, [("Gateway:Capture:Folder", capture.Folder), ("Gateway:Capture:Share", "1"), .. settings]);
        capture.Counts = new Counts(capture.Stage.Gateway);
        return capture;
    }

    public double Of(string result) => Counts.Of(MetricNames.GatewayCaptured, ("result", result));

    public async Task<HttpResponseMessage> PostAsync(string body, string path = "/v2/models/wine/infer") => await Stage.Http.PostAsync(path, RunningGateway.Json(body));

    /// <summary>Sends so many, and waits until that many more are written.</summary>
    public async Task WriteAsync(int times = 1, string body = "{}", string path = "/v2/models/wine/infer")
    {
        var before = Of("written");
        for (var i = 0; i < times; i++)
        {
            (await PostAsync(body, path)).Dispose();
        }

        await Eventually.BecomesTrueAsync(() => Of("written") == before + times);
    }

    /// <summary>The files in the order of their numbers.</summary>
    public static string[] Files(string folder) => [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];

    /// <summary>Every line of every file, each of which must be whole.</summary>
    public static JsonElement[] Lines(string folder) =>
        [.. Files(folder).SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement)];

    public JsonElement[] Lines() => Lines(Folder);

    public async ValueTask DisposeAsync()
    {
        Counts.Dispose();
        await Stage.DisposeAsync();
        _folder.Dispose();
    }
}
