using Microsoft.Playwright;

namespace Sluice.EndToEnd.Tests;

/// <summary>Debian's chromium, without a window.</summary>
public sealed class DashboardBrowser : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    // The dashboard's pages draw themselves over a socket; on a busy machine that takes its time.
    private const float PatienceMilliseconds = 60_000;

    // No window, no sandbox (tests may run as root), and none of the errands a browser runs in the background.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Starts the browser where there is one.</summary>
    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
    }

    /// <summary>A page with cookies of its own. Skips the test where there is no browser.</summary>
    public async Task<IPage> NewPageAsync()
    {
        Assert.SkipUnless(_browser is not null, $"{Chromium} is missing: install Debian's chromium to see the dashboard as a person does.");
        var context = await _browser!.NewContextAsync(new() { ViewportSize = new() { Width = 1500, Height = 900 } });
        context.SetDefaultTimeout(PatienceMilliseconds);
        return await context.NewPageAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
