using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Aspire.Hosting.Dcp;

/// <summary>Talks to DCP's API server.</summary>
internal sealed class DcpClient : IDisposable
{
    public const string Services = "services";
    public const string Executables = "executables";
    public const string Endpoints = "endpoints";
    private const string Root = "apis/usvc-dev.developer.microsoft.com/v1/";
    private readonly HttpClient _http;

    public DcpClient(Kubeconfig kubeconfig)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => kubeconfig.Trusts(certificate);
        _http = new HttpClient(handler) { BaseAddress = kubeconfig.Server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kubeconfig.Token);
    }

    public async Task CreateAsync<T>(string plural, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(value, type);
        using var response = await _http.PostAsync(new Uri(Root + plural, UriKind.Relative), content, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var reason = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw new DistributedApplicationException($"DCP refused to create an object of '{plural}' ({(int)response.StatusCode}): {reason}");
        }
    }

    public async Task<T> GetAsync<T>(string plural, string name, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync(new Uri($"{Root}{plural}/{name}", UriKind.Relative), type, cancellationToken).ConfigureAwait(false))!;

    /// <summary>SIGTERM, and SIGKILL some seconds later; returns when the process has ended, at once when there is none.</summary>
    public async Task StopExecutableAsync(string name, CancellationToken cancellationToken)
    {
        var uri = new Uri($"{Root}{Executables}/{name}", UriKind.Relative);
        using var content = new StringContent("""{"spec":{"stop":true}}""", new MediaTypeHeaderValue("application/merge-patch+json"));
        using var response = await _http.PatchAsync(uri, content, cancellationToken).ConfigureAwait(false);
        while (response.IsSuccessStatusCode)
        {
            var executable = await GetAsync(Executables, name, DcpJson.Default.DcpObjectExecutableSpecExecutableStatus, cancellationToken).ConfigureAwait(false);
            if (executable.Status?.FinishTimestamp is not null)
            {
                return;
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>All objects there are, then every change, until DCP ends the watch or the token is cancelled.</summary>
    public async IAsyncEnumerable<T> WatchAsync<T>(
        string plural, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = await OpenAsync($"{Root}{plural}?watch=true", cancellationToken).ConfigureAwait(false);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            yield return JsonSerializer.Deserialize(line, type)!;
        }
    }

    /// <summary>Lines of a process's output (stdout, stderr) or of DCP about it (system): those there are, or all until the process has ended.</summary>
    public async IAsyncEnumerable<string> ReadLogAsync(
        string executable, string source, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = await OpenAsync(
            $"{Root}{Executables}/{executable}/log?source={source}&follow={(follow ? "true" : "false")}&timestamps=true", cancellationToken).ConfigureAwait(false);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Asks DCP to clean up or to stop. An answer cut off by its end is as good as an answer.</summary>
    public async Task SetExecutionAsync(DcpExecution execution, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(execution, DcpJson.Default.DcpExecution, new MediaTypeHeaderValue("application/merge-patch+json"));
        using var response = await _http.PatchAsync(new Uri("admin/execution", UriKind.Relative), content, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }

    public async Task<string?> GetExecutionStatusAsync(CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync(new Uri("admin/execution", UriKind.Relative), DcpJson.Default.DcpExecution, cancellationToken).ConfigureAwait(false))?.Status;

    public void Dispose() => _http.Dispose();

    private async Task<StreamReader> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var response = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
    }
}
