using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Testing;

/// <summary>How a <see cref="RedisServer"/> is run.</summary>
public sealed record RedisServerOptions
{
    /// <summary>The password that it asks for; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Whether it speaks TLS and nothing else, with a certificate of its own authority (<see cref="RedisServer.AuthorityFile"/>).</summary>
    public bool Tls { get; init; }

    /// <summary>Whether every write is synced to the append-only file before it is acknowledged, which is what Sluice asks for; false: nothing is kept on disk.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>More arguments, such as <c>--maxmemory 10mb</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>
/// A real redis-server on a free port of 127.0.0.1 over a folder of its own, ended by its process id. It can be killed and started again on the same
/// port and data. Tests of it begin with <c>Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing)</c>.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>Why a test is skipped where there is no redis-server.</summary>
    public const string Missing = "redis-server is missing: install Debian's redis-server to run this test.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RedisServerOptions _options;
    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;

    private RedisServer(RedisServerOptions options) => _options = options;

    /// <summary>Whether the program is on the PATH.</summary>
    public static bool IsInstalled { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    /// <summary>Its port on 127.0.0.1; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>PEM file of the authority that signed its certificate; with TLS only.</summary>
    public string AuthorityFile => _folder.PathOf("authority.pem");

    /// <summary>
    /// A connection string of StackExchange.Redis; with password and TLS where it has them. The authority has to be trusted besides, since
    /// a connection string cannot say so.
    /// </summary>
    public string ConnectionString =>
        $"127.0.0.1:{Port}" + (_options.Password is { } password ? $",password={password}" : "") + (_options.Tls ? ",ssl=true,sslHost=localhost" : "");

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it wrote so far, since it was last started.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Starts one, and waits until it takes connections.</summary>
    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null)
    {
        var server = new RedisServer(options ?? new RedisServerOptions());
        try
        {
            if (server._options.Tls)
            {
                server.WriteCertificates();
            }

            // Somebody else may be faster on the port that was free.
            for (var attempt = 1; ; attempt++)
            {
                server.Port = FreePort.Take(1)[0];
                if (await server.TryStartAsync())
                {
                    return server;
                }

                if (attempt == 3)
                {
                    throw new InvalidOperationException($"redis-server does not start:\n{server.Output}");
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL, and waits for the end. Its data stays.</summary>
    public async Task KillAsync()
    {
        _process?.Kill();
        await StopAsync();
    }

    /// <summary>Starts it again on the same port and data; whoever waits for it connects by himself.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await Eventually.BecomesTrueAsync(TryStartAsync, Patience);
    }

    /// <summary>SIGSTOP: it hangs, its connections stay open.</summary>
    public void Pause() => ChildProcess.Signal(_process!.Id, 19);

    /// <summary>SIGCONT: it goes on.</summary>
    public void Resume() => ChildProcess.Signal(_process!.Id, 18);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            Resume(); // a stopped process does not hear SIGTERM
        }

        await StopAsync();
        _folder.Dispose();
    }

    private async Task StopAsync()
    {
        if (_process is { } process)
        {
            await process.DisposeAsync();
            _process = null;
        }
    }

    private async Task<bool> TryStartAsync()
    {
        await StopAsync();
        var port = Port.ToString(CultureInfo.InvariantCulture);
        List<string> arguments = ["--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--daemonize", "no"];
        arguments.AddRange(_options.Tls
            ? ["--port", "0", "--tls-port", port, "--tls-cert-file", _folder.PathOf("server.pem"), "--tls-key-file", _folder.PathOf("server.key"), "--tls-auth-clients", "no"]
            : ["--port", port]);
        arguments.AddRange(_options.Durable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]);
        if (_options.Password is { } password)
        {
            arguments.AddRange(["--requirepass", password]);
        }

        _process = ChildProcess.Start("redis-server", [.. arguments, .. _options.Arguments], folder: _folder.Path);
        var process = _process;
        await Eventually.BecomesTrueAsync(
            () => process.HasExited || process.Output.Contains("Ready to accept connections", StringComparison.Ordinal), Patience);
        return !process.HasExited;
    }

    // A certificate for localhost and 127.0.0.1, signed by an authority that nobody else trusts.
    private void WriteCertificates()
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Sluice test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var issuer = authority.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(8));

        File.WriteAllText(AuthorityFile, issuer.ExportCertificatePem());
        File.WriteAllText(_folder.PathOf("server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.PathOf("server.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
