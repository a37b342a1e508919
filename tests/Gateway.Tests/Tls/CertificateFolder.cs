using Microsoft.Extensions.Options;
using Sluice.Gateway.Tls;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Tls;

/// <summary>A secret as Kubernetes mounts it: the files are links into a folder that is exchanged as a whole.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _version;

    public CertificateFolder()
    {
        File.CreateSymbolicLink(CertificatePath, Path.Combine("..data", "tls.crt"));
        File.CreateSymbolicLink(KeyPath, Path.Combine("..data", "tls.key"));
    }

    public string CertificatePath => _folder.PathOf("tls.crt");

    public string KeyPath => _folder.PathOf("tls.key");

    public IOptions<TlsOptions> Options => Microsoft.Extensions.Options.Options.Create(new TlsOptions { CertificatePath = CertificatePath, KeyPath = KeyPath });

    public (string Key, string Value)[] Settings(int port) =>
        [("Gateway:Tls:CertificatePath", CertificatePath), ("Gateway:Tls:KeyPath", KeyPath), ("Gateway:Tls:Port", $"{port}")];

    public void Put(IssuedCertificate certificate) => Put(certificate.Pem, certificate.KeyPem);

    public void Put(string certificate, string key)
    {
        var folder = Directory.CreateDirectory(_folder.PathOf($"..{++_version}")).Name;
        File.WriteAllText(_folder.PathOf(folder, "tls.crt"), certificate);
        File.WriteAllText(_folder.PathOf(folder, "tls.key"), key);
        File.Delete(_folder.PathOf("..data")); // Kubernetes renames another link over it; here nobody looks in between
        File.CreateSymbolicLink(_folder.PathOf("..data"), folder);
    }

    public void Dispose() => _folder.Dispose();
}
