using System.Globalization;
using System.Text;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Tests.Sources;

/// <summary>Twelve pages of a gateway, as the Gateway writes them, with its usual edges: two versions of wine and one of another model, and a restart in between.</summary>
public sealed partial class SameEvidenceTests
{
    private static readonly string[] Edges = ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30"];

    private static IEnumerable<string> Recorded()
    {
        var random = new Random(11);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var page = 0; page < 12; page++)
        {
            if (page == 7)
            {
                counts.Clear(); // the gateway was started again
            }

            Count(counts, random, "wine", 1, requests: 160, failing: 0.01, slow: 0.02);
            Count(counts, random, "wine", 2, requests: 40, failing: 0.1, slow: 0.3);
            Count(counts, random, "wines", 1, requests: 500, failing: 0.5, slow: 0.5);
            foreach (var (result, most) in new[] { ("agree", 20), ("disagree", 4), ("error", 2), ("dropped", 3) })
            {
                Add(counts, $"sluice_gateway_mirror_total{{model=\"wine\",result=\"{result}\"}}", random.Next(1, most));
            }

            yield return Write(counts, page < 5 ? "0.2" : "0.5");
        }
    }

    private static void Count(SortedDictionary<string, long> counts, Random random, string model, int version, int requests, double failing, double slow)
    {
        var labels = $"model=\"{model}\",version=\"{version}\"";
        foreach (var fault in FaultClasses.All)
        {
            Add(counts, $"sluice_gateway_requests_total{{{labels},outcome=\"{fault.Label()}\"}}", 0);
        }

        foreach (var edge in Edges.Append("+Inf"))
        {
            Add(counts, $"sluice_gateway_request_duration_seconds_bucket{{{labels},le=\"{edge}\"}}", 0);
        }

        for (var i = 0; i < requests + random.Next(20); i++)
        {
            var fault = random.NextDouble() < failing ? FaultClasses.All[random.Next(FaultClasses.All.Count)] : FaultClass.Ok;
            Add(counts, $"sluice_gateway_requests_total{{{labels},outcome=\"{fault.Label()}\"}}", 1);
            if (fault is FaultClass.Ok or FaultClass.Deadline)
            {
                var seconds = fault == FaultClass.Deadline ? double.PositiveInfinity : random.NextDouble() < slow ? 60 * random.NextDouble() : 0.2 * random.NextDouble();
                foreach (var edge in Edges.Where(edge => seconds <= double.Parse(edge, CultureInfo.InvariantCulture)).Append("+Inf"))
                {
                    Add(counts, $"sluice_gateway_request_duration_seconds_bucket{{{labels},le=\"{edge}\"}}", 1);
                }
            }
        }
    }

    private static void Add(SortedDictionary<string, long> counts, string series, long count) => counts[series] = counts.GetValueOrDefault(series) + count;

    private static string Write(SortedDictionary<string, long> counts, string weight)
    {
        var text = new StringBuilder("# TYPE sluice_gateway_info gauge\nsluice_gateway_info{gateway=\"g1\"} 1\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE sluice_gateway_route_weight_ratio gauge\nsluice_gateway_route_weight_ratio{{model=\"wine\",version=\"2\"}} {weight}\n");
        Family("sluice_gateway_requests_total", "counter", "sluice_gateway_requests_total{");
        Family("sluice_gateway_request_duration_seconds", "histogram", "sluice_gateway_request_duration_seconds_");
        Family("sluice_gateway_mirror_total", "counter", "sluice_gateway_mirror_total{");
        return text.ToString();

        void Family(string name, string type, string start)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} As the gateway counts.\n# TYPE {name} {type}\n");
            foreach (var (series, count) in counts.Where(pair => pair.Key.StartsWith(start, StringComparison.Ordinal)))
            {
                text.Append(CultureInfo.InvariantCulture, $"{series} {count}\n");
                if (series.EndsWith("le=\"+Inf\"}", StringComparison.Ordinal))
                {
                    text.Append(CultureInfo.InvariantCulture, $"{series.Replace("_bucket", "_count", StringComparison.Ordinal).Replace(",le=\"+Inf\"", "", StringComparison.Ordinal)} {count}\n");
                }
            }
        }
    }
}
