using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aspire.Hosting.Dcp;
using Sluice.Testing;

namespace Aspire.Hosting.Tests;

/// <summary>What DCP writes for its clients.</summary>
public sealed class KubeconfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _certificate = MakeCertificate();

    public void Dispose()
    {
        _folder.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public void A_half_written_file_is_read_again_later()
    {
        var path = _folder.PathOf("kubeconfig");
        Assert.Null(Kubeconfig.TryRead(path));
        var whole = $"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(_certificate.ExportCertificatePem()))}
                server: https://127.0.0.1:12345
              name: dcp
            users:
            - name: dcp
              user:
                token: abcdefgh

            """;
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllText(path, whole[..length]);
            Assert.Null(Kubeconfig.TryRead(path));
        }

        File.WriteAllText(path, whole);
        var read = Kubeconfig.TryRead(path)!;

        Assert.Equal(new Uri("https://127.0.0.1:12345"), read.Server);
        Assert.Equal("abcdefgh", read.Token);
        Assert.True(read.Trusts(_certificate));
    }

    [Fact]
    public void No_other_certificate_is_trusted()
    {
        using var other = MakeCertificate();
        var kubeconfig = new Kubeconfig(new Uri("https://127.0.0.1:1"), _certificate, "token");

        Assert.False(kubeconfig.Trusts(other));
        Assert.False(kubeconfig.Trusts(null));
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
