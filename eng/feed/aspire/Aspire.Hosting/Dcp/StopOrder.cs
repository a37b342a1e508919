using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dcp;

/// <summary>In which order programs are stopped: the reverse of their start, so that each can still say goodbye to what it depends on.</summary>
internal static class StopOrder
{
    /// <summary>Waves of process ids, stopped one after the other: first those of resources that no running one waits for.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IEnumerable<IResource> resources)
    {
        var waves = new List<IReadOnlyList<string>>();
        var running = resources.ToHashSet();
        while (running.Count > 0)
        {
            var awaited = running.SelectMany(resource => resource.Annotations.OfType<WaitAnnotation>()).Select(wait => wait.Resource).ToHashSet();
            var wave = running.Where(resource => !awaited.Contains(resource)).ToList();
            if (wave.Count == 0)
            {
                wave = [.. running]; // they wait for each other: none of them ever started
            }

            running.ExceptWith(wave);
            waves.Add([.. wave.SelectMany(resource => resource.GetInstanceIds())]);
        }

        return waves;
    }
}
