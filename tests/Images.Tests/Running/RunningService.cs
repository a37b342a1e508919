using System.Globalization;
using System.Net;
using Sluice.Images.Tests.Images;
using Sluice.Testing;

namespace Sluice.Images.Tests.Running;

/// <summary>A service in a <see cref="Container"/>, on ports of 127.0.0.1.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <param name="image">The service's image.</param>
    /// <param name="settings">Its settings.</param>
    public RunningService(Image image, params (string Key, string Value)[] settings)
    {
        var ports = FreePort.Take(2);
        (Address, Management) = (Loopback(ports[0]), Loopback(ports[1]));
        Container = Container.Start(
            image,
            [
                ("ASPNETCORE_URLS", Address.GetLeftPart(UriPartial.Authority)),
                ("Management__Port", ports[1].ToString(CultureInfo.InvariantCulture)),
                .. settings,
            ]);
    }

    /// <summary>Its public endpoint.</summary>
    public Uri Address { get; }

    /// <summary>Its management endpoint.</summary>
    public Uri Management { get; }

    /// <summary>What it runs in.</summary>
    public Container Container { get; }

    /// <summary>Waits until it says that it is ready.</summary>
    public Task ReadyAsync() => Eventually.BecomesTrueAsync(
        async () =>
        {
            Assert.False(Container.Process.HasExited, $"ended with {(Container.Process.HasExited ? Container.Process.ExitCode : 0)}:\n{Container.Process.Output}");
            try
            {
                using var answer = await Http.GetAsync(new Uri(Management, "/health/ready"));
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                return false;
            }
        },
        TimeSpan.FromSeconds(60),
        "the service is ready");

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Container.DisposeAsync();

    private static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");
}
