using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Aspire.Hosting.Dcp;

/// <summary>What DCP writes for its clients: address, certificate and token. A small YAML file with one of each.</summary>
internal sealed record Kubeconfig(Uri Server, X509Certificate2 Certificate, string Token)
{
    /// <summary>Reads the file once it is complete; null while DCP still writes it.</summary>
    public static Kubeconfig? TryRead(string path)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        if (!text.EndsWith('\n'))
        {
            return null; // not there, or cut within a line
        }

        var values = new Dictionary<string, string>();
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0)
            {
                values[line[..colon].TrimStart('-', ' ')] = line[(colon + 2)..].Trim().Trim('"');
            }
        }

        try
        {
            return values.TryGetValue("server", out var server)
                && values.TryGetValue("certificate-authority-data", out var certificate)
                && values.TryGetValue("token", out var token)
                ? new Kubeconfig(new Uri(server), X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(certificate))), token)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    /// <summary>DCP's certificate signs itself; nothing else is trusted.</summary>
    public bool Trusts(X509Certificate? certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return certificate is X509Certificate2 presented && chain.Build(presented);
    }
}
