using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sluice.Gateway.Tls;

/// <summary>Why a certificate cannot be shown to clients, in a sentence that names the setting.</summary>
internal sealed class CertificateException(string message) : Exception(message);

/// <summary>What is in the files that the settings name.</summary>
internal sealed class CertificateFiles
{
    /// <summary>The setting of the certificate's file.</summary>
    public const string CertificateKey = $"{TlsOptions.Section}:{nameof(TlsOptions.CertificatePath)}";

    private const string KeyKey = $"{TlsOptions.Section}:{nameof(TlsOptions.KeyPath)}";
    private const string PasswordKey = $"{TlsOptions.Section}:{nameof(TlsOptions.Password)}";
    private const string PemMark = "-----BEGIN ";
    private const string EncryptedKeyMark = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

    private readonly TlsOptions _options;
    private readonly byte[] _certificate;
    private readonly byte[] _key;

    private CertificateFiles(TlsOptions options, byte[] certificate, byte[] key)
    {
        (_options, _certificate, _key) = (options, certificate, key);
        Fingerprint = Convert.ToHexString(SHA256.HashData(certificate)) + Convert.ToHexString(SHA256.HashData(key));
    }

    /// <summary>Another one for other contents.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads the files as they are now.</summary>
    /// <exception cref="CertificateException">One cannot be read.</exception>
    public static CertificateFiles Read(TlsOptions options)
    {
        var certificate = Read(CertificateKey, options.CertificatePath!);
        return new(options, certificate, options.KeyPath is { Length: > 0 } path ? Read(KeyKey, path) : certificate);
    }

    /// <summary>The certificate with its key.</summary>
    /// <param name="now">The time; a certificate that has not begun or has ended is none.</param>
    /// <exception cref="CertificateException">It cannot be shown to clients.</exception>
    public ServedCertificate Load(DateTimeOffset now)
    {
        var isPem = _certificate.AsSpan().IndexOf(Encoding.ASCII.GetBytes(PemMark)) >= 0;
        var (leaf, all) = isPem ? LoadPem() : LoadPfx();
        var served = new ServedCertificate(leaf, all, Fingerprint);
        return served.FindProblem(now) is { } problem ? throw Problem($"the certificate {problem}") : served;
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection All) LoadPem()
    {
        var text = Encoding.UTF8.GetString(_certificate);
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            throw Problem("a certificate in it cannot be read");
        }

        return all.Count > 0 ? (JoinKey(text), all) : throw Problem("there is no certificate in it");
    }

    // The first certificate of the file is the server's own.
    private X509Certificate2 JoinKey(string certificate)
    {
        var key = Encoding.UTF8.GetString(_key);
        var isEncrypted = key.Contains(EncryptedKeyMark, StringComparison.Ordinal);
        if (isEncrypted && _options.Password is null)
        {
            throw new CertificateException($"{PasswordKey} is missing: the key of {KeyKey} is encrypted.");
        }

        try
        {
            var joined = isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificate, key, _options.Password)
                : X509Certificate2.CreateFromPem(certificate, key);

            // Windows serves no key that is only in memory.
            return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pkcs12), null) : joined;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new CertificateException(
                $"{KeyKey} is '{_options.KeyPath ?? _options.CertificatePath}': expected is the private key that belongs to the certificate of {CertificateKey}, as PEM"
                + (isEncrypted ? $", and that {PasswordKey} opens it." : "."));
        }
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection All) LoadPfx()
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(_certificate, _options.Password);
            return all.FirstOrDefault(each => each.HasPrivateKey) is { } leaf ? (leaf, all) : throw Problem("there is no certificate with its private key in it");
        }
        catch (CryptographicException)
        {
            throw Problem($"it is neither PEM nor a PFX that {PasswordKey} opens");
        }
    }

    private CertificateException Problem(string what) => new($"{CertificateKey} is '{_options.CertificatePath}': {what}.");

    private static byte[] Read(string key, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CertificateException($"{key} is '{path}': the file cannot be read. {exception.Message}");
        }
    }
}
