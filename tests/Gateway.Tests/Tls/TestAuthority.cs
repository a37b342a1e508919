using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Gateway.Tests.Tls;

/// <summary>An authority with one certificate between itself and those that it issues, which clients are not told of.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string ForServers = "1.3.6.1.5.5.7.3.1";
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Begins = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Ends = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;
    private int _serial;

    public TestAuthority()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _root = Request("CN=Root", rootKey, isAuthority: true).CreateSelfSigned(Begins, Ends);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _between = Request("CN=Between", key, isAuthority: true).Create(_root, Begins, Ends, [1]).CopyWithPrivateKey(key);
    }

    /// <summary>Issues a certificate for this machine.</summary>
    /// <param name="begins">Default: long ago.</param>
    /// <param name="ends">Default: far away.</param>
    /// <param name="usage">What it is for.</param>
    public IssuedCertificate Issue(DateTimeOffset? begins = null, DateTimeOffset? ends = null, string usage = ForServers)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request($"CN=gateway-{++_serial}", key, isAuthority: false);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var issued = request.Create(_between, begins ?? Begins.AddDays(1), ends ?? Ends.AddDays(-1), [2, (byte)_serial]);
        return new IssuedCertificate(issued.CopyWithPrivateKey(key), _between);
    }

    /// <summary>What a client needs that knows the root alone.</summary>
    public SslClientAuthenticationOptions TrustsRoot() => new()
    {
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _root },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };

    public void Dispose()
    {
        _root.Dispose();
        _between.Dispose();
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }
}

/// <summary>A certificate with its key, in the forms that files have.</summary>
internal sealed class IssuedCertificate(X509Certificate2 leaf, X509Certificate2 between)
{
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000);

    public string Thumbprint => leaf.Thumbprint;

    /// <summary>The certificate and the one between it and its authority.</summary>
    public string Pem => leaf.ExportCertificatePem() + "\n" + between.ExportCertificatePem() + "\n";

    public string KeyPem => Key.ExportPkcs8PrivateKeyPem();

    private ECDsa Key => leaf.GetECDsaPrivateKey()!;

    public string EncryptedKeyPem(string password) => Key.ExportEncryptedPkcs8PrivateKeyPem(password, Encryption);

    public byte[] Pfx(string password) => new X509Certificate2Collection { leaf, between }.Export(X509ContentType.Pkcs12, password)!;
}
