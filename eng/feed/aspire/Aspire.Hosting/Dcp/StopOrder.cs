using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dcp;

/// <summary>In which order projects are stopped: the reverse of their start, so that each can still say goodbye to what it depends on.</summary>
internal static class StopOrder
{
    /// <summary>Waves of process ids, stopped one after the other: first those of projects that no running project waits for.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IEnumerable<ProjectResource> projects)
    {
        var waves = new List<IReadOnlyList<string>>();
        var running = projects.ToHashSet<IResource>();
        while (running.Count > 0)
        {
            var awaited = running.SelectMany(project => project.Annotations.OfType<WaitAnnotation>()).Select(wait => wait.Resource).ToHashSet();
            var wave = running.Where(project => !awaited.Contains(project)).ToList();
            if (wave.Count == 0)
            {
                wave = [.. running]; // they wait for each other: none of them ever started
            }

            running.ExceptWith(wave);
            waves.Add([.. wave.SelectMany(project => project.GetInstanceIds())]);
        }

        return waves;
    }
}
