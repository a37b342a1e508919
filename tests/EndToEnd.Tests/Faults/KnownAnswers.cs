using System.Globalization;
using System.Net;
using System.Text;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>Rows of the wine sample's held-out data, and what each version says to them while nothing is broken.</summary>
internal sealed class KnownAnswers
{
    private const int MostRows = 40;

    private readonly List<byte[]> _requests = [];
    private readonly Dictionary<(string Version, int Row), string> _answers = [];

    public KnownAnswers()
    {
        foreach (var line in File.ReadLines(Repository.PathOf("samples", "wine", "held_out.csv")).Skip(1).Take(MostRows))
        {
            var values = line[..line.LastIndexOf(',')];
            _requests.Add(Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"features","shape":[1,13],"datatype":"FP32","data":[{{values}}]}]}"""));
        }
    }

    /// <summary>How many rows there are.</summary>
    public int Rows => _requests.Count;

    /// <summary>A request for a row.</summary>
    public byte[] RequestOf(int row) => _requests[row];

    /// <summary>What a version says to a row; null when it fails on it, or was never asked.</summary>
    public string? Of(string? version, int row) => version is null ? null : _answers.GetValueOrDefault((version, row));

    /// <summary>Asks a version for all rows.</summary>
    /// <returns>How many of them it fails on.</returns>
    public async Task<int> LearnAsync(HttpClient http, string model, int version)
    {
        var name = version.ToString(CultureInfo.InvariantCulture);
        var failures = 0;
        for (var row = 0; row < Rows; row++)
        {
            using var content = new ByteArrayContent(RequestOf(row)) { Headers = { ContentType = new("application/json") } };
            using var answer = await http.PostAsync($"/v2/models/{model}/versions/{version}/infer", content);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                _answers[(name, row)] = await answer.Content.ReadAsStringAsync();
            }
            else
            {
                failures++;
            }
        }

        return failures;
    }
}
