using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Gateway.Tls;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Tls;

/// <summary>The watch of the certificate's files, on a clock that a test moves.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly CertificateFolder _files = new();
    private readonly ManualTime _time = new();
    private readonly Warnings _warnings = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _files.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_new_certificate_is_seen_within_half_a_minute()
    {
        _files.Put(_authority.Issue());
        using var watch = Watch();
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.BecomesTrueAsync(() => _time.ArmedTimers == 1);
        var next = _authority.Issue();
        _files.Put(next);

        _time.Advance(TimeSpan.FromSeconds(30));

        await Eventually.BecomesTrueAsync(() => watch.Current.Leaf.Thumbprint == next.Thumbprint);
        await watch.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void What_cannot_be_served_leaves_the_certificate_there_was_and_is_told_once()
    {
        var (first, second) = (_authority.Issue(), _authority.Issue());
        _files.Put(first);
        using var watch = Watch();
        var now = _time.GetUtcNow();
        (string Certificate, string Key)[] broken =
        [
            (second.Pem, first.KeyPem),
            (second.Pem[..200], second.KeyPem),
            ("", second.KeyPem),
            (_authority.Issue(ends: now.AddDays(-1)).Pem, second.KeyPem),
        ];
        foreach (var (certificate, key) in broken)
        {
            _files.Put(certificate, key);
            watch.Look();
            watch.Look();
            Assert.Equal(first.Thumbprint, watch.Current.Leaf.Thumbprint);
            Assert.Contains("Gateway:Tls:", Assert.Single(_warnings), StringComparison.Ordinal);
            _warnings.Clear();
            _files.Put(first);
            watch.Look();
        }

        File.Delete(_files.KeyPath);
        watch.Look();
        Assert.Contains("Gateway:Tls:KeyPath", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal(first.Thumbprint, watch.Current.Leaf.Thumbprint);

        File.CreateSymbolicLink(_files.KeyPath, Path.Combine("..data", "tls.key"));
        _files.Put(second);
        watch.Look();
        Assert.Equal(second.Thumbprint, watch.Current.Leaf.Thumbprint);
    }

    [Fact]
    public void One_that_is_not_valid_yet_is_taken_once_it_is()
    {
        _files.Put(_authority.Issue());
        using var watch = Watch();
        var next = _authority.Issue(begins: _time.GetUtcNow().AddHours(1));
        _files.Put(next);
        watch.Look();
        Assert.NotEqual(next.Thumbprint, watch.Current.Leaf.Thumbprint);

        _time.Advance(TimeSpan.FromHours(1));
        watch.Look();

        Assert.Equal(next.Thumbprint, watch.Current.Leaf.Thumbprint);
    }

    [Theory]
    [InlineData(365, 14)]
    [InlineData(10, 2)] // of a short life the last fifth
    public void Its_end_is_warned_of_in_time_and_once_a_day(int days, int notice)
    {
        var now = _time.GetUtcNow();
        _files.Put(_authority.Issue(now, now.AddDays(days)));
        using var watch = Watch();
        watch.Look();
        _time.Advance(TimeSpan.FromDays(days - notice) - TimeSpan.FromMinutes(1));
        watch.Look();
        Assert.Empty(_warnings);

        _time.Advance(TimeSpan.FromMinutes(1));
        watch.Look();
        watch.Look();
        Assert.Contains(_files.CertificatePath, Assert.Single(_warnings), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromDays(1));
        watch.Look();
        Assert.Equal(2, _warnings.Count);

        _files.Put(_authority.Issue());
        watch.Look();
        Assert.Equal(2, _warnings.Count);
    }

    private CertificateWatch Watch() => new(_files.Options, _time, _services.GetRequiredService<IMeterFactory>(), _warnings);

    private sealed class Warnings : ConcurrentQueue<string>, ILogger<CertificateWatch>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue(formatter(state, exception));
    }
}
