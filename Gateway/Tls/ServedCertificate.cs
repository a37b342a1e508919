using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Gateway.Tls;

/// <summary>A certificate as clients are shown it. Not disposed of when another takes its place: handshakes may still be using it.</summary>
internal sealed class ServedCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan MostNotice = TimeSpan.FromDays(14);

    /// <param name="leaf">The server's own, with its key.</param>
    /// <param name="all">It and those between it and its authority, in any order.</param>
    /// <param name="fingerprint">The <see cref="CertificateFiles.Fingerprint"/> of the files it is from.</param>
    public ServedCertificate(X509Certificate2 leaf, X509Certificate2Collection all, string fingerprint)
    {
        (Leaf, Fingerprint) = (leaf, fingerprint);
        Begins = leaf.NotBefore.ToUniversalTime();
        Ends = leaf.NotAfter.ToUniversalTime();
        var between = new X509Certificate2Collection(all.Where(each => each.Thumbprint != leaf.Thumbprint).ToArray());
        Context = SslStreamCertificateContext.Create(leaf, between, offline: true); // nobody is asked for what is not in the file
    }

    /// <summary>The server's own.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>It and those between it and its authority: a client that knows the authority alone needs them. Made once for all connections.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The <see cref="CertificateFiles.Fingerprint"/> of the files it is from.</summary>
    public string Fingerprint { get; }

    /// <summary>When it ends, in UTC.</summary>
    public DateTimeOffset Ends { get; }

    /// <summary>From when on its end is warned of: two weeks before it, or a fifth of its life where that is shorter.</summary>
    public DateTimeOffset WarnsFrom => Ends - TimeSpan.FromTicks(Math.Min(MostNotice.Ticks, (Ends - Begins).Ticks / 5));

    private DateTimeOffset Begins { get; }

    /// <summary>Why clients would not take it; null when they might.</summary>
    public string? FindProblem(DateTimeOffset now) =>
        now >= Ends ? string.Create(CultureInfo.InvariantCulture, $"has ended at {Ends:u}")
        : now < Begins ? string.Create(CultureInfo.InvariantCulture, $"is not valid before {Begins:u}")
        : Leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ServerAuthentication] is null) ? "is not for servers (extended key usage)"
        : null;
}
