using System.Globalization;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Checks.Rules;

/// <summary>After a preStop hook that sleeps there is time left to end in.</summary>
internal sealed class Termination : IObjectRule
{
    private const long DefaultGraceSeconds = 30;

    public IEnumerable<Problem> Check(ObjectSet set) =>
        from workload in set.Workloads
        let grace = workload.Pod.Number("terminationGracePeriodSeconds") ?? DefaultGraceSeconds
        from container in workload.AllContainers
        let sleep = SleepSeconds(container.Map("lifecycle").Map("preStop"))
        where sleep >= grace
        select new Problem(workload.Document, $"preStop of container {container.Text("name")} sleeps {sleep} s of the {grace} s in which the pod must end");

    private static long SleepSeconds(ValueMap hook)
    {
        if (hook.Map("sleep").Number("seconds") is { } seconds)
        {
            return seconds;
        }

        var words = string.Join(' ', hook.Map("exec").Texts("command")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var sleep = Array.FindIndex(words, word => word == "sleep" || word.EndsWith("/sleep", StringComparison.Ordinal));
        return sleep >= 0 && sleep + 1 < words.Length && long.TryParse(words[sleep + 1].TrimEnd('s', ';'), CultureInfo.InvariantCulture, out seconds) ? seconds : 0;
    }
}
