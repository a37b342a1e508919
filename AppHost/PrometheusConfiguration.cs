namespace Sluice.AppHost;

/// <summary>The file that Prometheus is started with.</summary>
/// <param name="file">The file.</param>
/// <param name="rulesFolder">Where recording and alerting rules lie.</param>
internal sealed class PrometheusConfiguration(string file, string rulesFolder)
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Writes it.</summary>
    /// <param name="registry">Host and port of the Registry's management endpoint.</param>
    /// <param name="judge">The same of the judge.</param>
    public void Write(string registry, string judge) => System.IO.File.WriteAllText(File, $$"""
        # Written at every start of the AppHost.
        global:
          scrape_interval: 5s # the judge sees a fault at the next scrape
          scrape_timeout: 4s
          evaluation_interval: 15s
        rule_files:
          - {{Quoted(Path.Combine(rulesFolder, "*.rules.yml"))}}
        scrape_configs:
          # Gateways and predictors, each by its own address: the Registry knows them, whatever ports they have, and forgets who is gone.
          - job_name: fleet
            http_sd_configs:
              - url: http://{{registry}}/scrape-targets
                refresh_interval: 5s
          - job_name: registry
            static_configs: [{ targets: [{{Quoted(registry)}}] }]
          - job_name: canaryjudge
            static_configs: [{ targets: [{{Quoted(judge)}}] }]

        """);

    // YAML's quotes that know no escapes but their own, doubled.
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
