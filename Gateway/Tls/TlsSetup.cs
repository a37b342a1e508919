using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Tls;

/// <summary>TLS for the public endpoint, whose port then speaks HTTP/1.1, HTTP/2 and gRPC.</summary>
internal static class TlsSetup
{
    public static void AddTls(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<TlsOptions>, TlsRangeValidator>();
        builder.Services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>();
        builder.Services.AddOptions<TlsOptions>().BindConfiguration(TlsOptions.Section).ValidateOnStart();
        if (string.IsNullOrEmpty(builder.Configuration[CertificateFiles.CertificateKey]))
        {
            return;
        }

        builder.ListenForTlsOn($"{TlsOptions.Section}:{nameof(TlsOptions.Port)}");
        builder.Services.AddSingleton<CertificateWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CertificateWatch>());
        builder.Services.AddOptions<KestrelServerOptions>().Configure<CertificateWatch>((server, certificate) => server.ConfigureHttpsDefaults(https =>
        {
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;

            // The server wants a selector, but what that gives comes without the certificates between it and its authority.
            https.ServerCertificateSelector = (_, _) => certificate.Current.Leaf;
            https.OnAuthenticate = (_, handshake) =>
            {
                handshake.ServerCertificateSelectionCallback = null;
                handshake.ServerCertificateContext = certificate.Current.Context;
            };
        }));
    }
}
