using Microsoft.Extensions.DependencyInjection;
using Sluice.Gateway.Tests.Grpc;
using Sluice.Gateway.Tls;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Tls;

/// <summary>A gateway with TLS, and clients that know the authority of its certificate alone.</summary>
internal sealed class TlsStage : IAsyncDisposable
{
    private readonly Stage _stage;
    private readonly TestAuthority _authority;
    private readonly CertificateFolder _files;

    private TlsStage(Stage stage, Uri address, TestAuthority authority, CertificateFolder files) =>
        (_stage, Address, _authority, _files) = (stage, address, authority, files);

    public Stage Inner => _stage;

    /// <summary>The TLS endpoint.</summary>
    public Uri Address { get; }

    public static async Task<TlsStage> SetAsync()
    {
        var authority = new TestAuthority();
        var files = new CertificateFolder();
        files.Put(authority.Issue());
        var port = FreePort.Take(1)[0];
        var stage = await Stage.SetWithWineAsync(1, files.Settings(port));
        return new TlsStage(stage, new Uri($"https://localhost:{port}"), authority, files);
    }

    /// <summary>Replaces the certificate, as it is seen half a minute later.</summary>
    public IssuedCertificate Replace()
    {
        var next = _authority.Issue();
        _files.Put(next);
        _stage.Gateway.Services.GetRequiredService<CertificateWatch>().Look();
        return next;
    }

    /// <summary>Connections of their own.</summary>
    /// <param name="seen">Told the thumbprint of the certificate that a new connection is shown.</param>
    public SocketsHttpHandler Connections(Action<string>? seen = null)
    {
        var handler = new SocketsHttpHandler { SslOptions = _authority.TrustsRoot() };
        if (seen is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                seen(certificate!.GetCertHashString());
                return errors == System.Net.Security.SslPolicyErrors.None;
            };
        }

        return handler;
    }

    public HttpClient Client(Version version, Action<string>? seen = null) => new(Connections(seen))
    {
        BaseAddress = Address,
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    public GrpcClient GrpcClient() => new(Address, Connections());

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }
}
