using Sluice.ServiceDefaults;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Tls;

/// <summary>What keeps a gateway with TLS from starting, and what does not.</summary>
public sealed class TlsStartTests : IDisposable
{
    private const string Certificate = "Gateway:Tls:CertificatePath";
    private const string Key = "Gateway:Tls:KeyPath";
    private const string Password = "Gateway:Tls:Password";
    private const string Port = "Gateway:Tls:Port";
    private const string Secret = "correct horse";

    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("there is no such file", Certificate)]
    [InlineData("there is no such key", Key)]
    [InlineData("the key is another's", Key)]
    [InlineData("the key is encrypted", Password)]
    [InlineData("the password is wrong", Password)]
    [InlineData("the PFX has another password", Password)]
    [InlineData("it has ended", Certificate)]
    [InlineData("it is for clients", Certificate)]
    [InlineData("it is no certificate", Certificate)]
    [InlineData("nothing listens", Port)]
    [InlineData("there is no certificate", Certificate)]
    [InlineData("there is no such port", Port)]
    public async Task A_certificate_that_clients_would_not_take_ends_the_start_and_its_key_is_named(string problem, string named)
    {
        await using var gateway = Start(SettingsOf(problem));

        Assert.Equal(ServiceHost.InvalidConfiguration, await gateway.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains(named, gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Output, StringComparison.Ordinal); // a stack trace
        Assert.DoesNotContain(Secret, gateway.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PEM, the key in the same file")]
    [InlineData("PEM, the key encrypted")]
    [InlineData("PFX")]
    public async Task A_certificate_in_any_form_is_served_at_an_https_address(string form)
    {
        var issued = _authority.Issue();
        (string, string)[] settings = form switch
        {
            "PFX" => [(Certificate, Write("a.pfx", issued.Pfx(Secret))), (Password, Secret)],
            "PEM, the key encrypted" => [(Certificate, Write("a.crt", issued.Pem)), (Key, Write("a.key", issued.EncryptedKeyPem(Secret))), (Password, Secret)],
            _ => [(Certificate, Write("a.pem", issued.Pem + issued.KeyPem))],
        };
        var address = new Uri($"https://localhost:{FreePort.Take(1)[0]}");
        await using var gateway = Start([.. settings, ("urls", address.GetLeftPart(UriPartial.Authority))]);
        await gateway.WaitForOutputAsync("Application started", TimeSpan.FromSeconds(60));
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = _authority.TrustsRoot() });

        Assert.Contains("true", await http.GetStringAsync(new Uri(address, "/v2/health/live"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private (string Key, string Value)[] SettingsOf(string problem)
    {
        var (mine, other) = (_authority.Issue(), _authority.Issue());
        var (certificate, key) = (Write("a.crt", mine.Pem), Write("a.key", mine.KeyPem));
        var port = (Port, $"{FreePort.Take(1)[0]}");
        return problem switch
        {
            "there is no such file" => [(Certificate, _folder.PathOf("none.crt")), (Key, key), port],
            "there is no such key" => [(Certificate, certificate), (Key, _folder.Path), port],
            "the key is another's" => [(Certificate, certificate), (Key, Write("b.key", other.KeyPem)), port],
            "the key is encrypted" => [(Certificate, certificate), (Key, Write("b.key", mine.EncryptedKeyPem(Secret))), port],
            "the password is wrong" => [(Certificate, certificate), (Key, Write("b.key", mine.EncryptedKeyPem("other"))), (Password, Secret), port],
            "the PFX has another password" => [(Certificate, Write("a.pfx", mine.Pfx("other"))), (Password, Secret), port],
            "it has ended" => Pair(_authority.Issue(ends: DateTimeOffset.UtcNow.AddMinutes(-1)), port),
            "it is for clients" => Pair(_authority.Issue(usage: TestAuthority.ForClients), port),
            "it is no certificate" => [(Certificate, key), (Key, key), port],
            "nothing listens" => [(Certificate, certificate), (Key, key)],
            "there is no certificate" => [port],
            _ => [(Certificate, certificate), (Key, key), (Port, "70000")],
        };
    }

    private (string Key, string Value)[] Pair(IssuedCertificate issued, (string, string) port) =>
        [(Certificate, Write("c.crt", issued.Pem)), (Key, Write("c.key", issued.KeyPem)), port];

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder.PathOf(name), content);
        return _folder.PathOf(name);
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder.PathOf(name), content);
        return _folder.PathOf(name);
    }

    private ChildProcess Start((string Key, string Value)[] settings)
    {
        var ports = FreePort.Take(2);
        string[] arguments =
        [
            typeof(Program).Assembly.Location,
            $"--urls=http://127.0.0.1:{ports[0]}",
            $"--RegistryClient:Address=http://127.0.0.1:{ports[1]}",
            $"--RegistryClient:StateFile={_folder.PathOf("state.json")}",
            .. settings.Select(setting => $"--{setting.Key}={setting.Value}"),
        ];
        return ChildProcess.Start("dotnet", arguments, folder: AppContext.BaseDirectory);
    }
}
