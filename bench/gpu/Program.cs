// What the Predictor makes of a GPU: the bare session first, then the same session behind HTTP, as ratios to it.
using System.Globalization;
using Sluice.GpuBench;
using Sluice.Predictor;
using Sluice.Predictor.Runtime;

int[] batches = [1, 2, 4, 8, 16, 32, 64, 128, 256];
int[] clientCounts = [1, 16, 64];
int[] rowCounts = [1, 32];

var options = BenchOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}

if (options.Device == PredictorOptions.Cuda && CudaDevice.FindProblem(options.DeviceId) is { } problem)
{
    Console.Error.WriteLine($"There is no GPU to measure: CUDA cannot be used on device {options.DeviceId}: {problem} (--device cpu runs the same on the CPU.)");
    return 2;
}

RuntimeEnvironment.Ensure();
var device = ComputeDevice.Choose(new PredictorOptions { Provider = options.Device, DeviceId = options.DeviceId, AllowCpuFallback = false });
var memory = device.CudaId is { } id ? GpuMemory.Find(id) : null;
var (model, duration) = (Mlp.ToModel(), TimeSpan.FromSeconds(options.Seconds));
Tables.Machine(device, memory);

var bare = new Dictionary<int, Figures>();
using (var session = new BareSession(model, device))
{
    Tables.Head("bare session, one thread, rows a run", "to 1 row");
    foreach (var batch in batches)
    {
        bare[batch] = session.Measure(batch, duration);
        Tables.Row(batch.ToString(CultureInfo.InvariantCulture), bare[batch], bare[batch].RowsPerSecond / bare[1].RowsPerSecond);
    }

    Tables.Memory(memory);
    await using var servers = await Servers.StartAsync(model, options);
    var binary = await Inference.IsBinaryOfferedAsync(servers.Http);
    await Answers.CheckAsync(Inference.Of(servers.Http, binary, Mlp.Rows(3)), session.Compute(Mlp.Rows(3)));
    Tables.Head($"Predictor, HTTP, {(binary ? "binary tensors" : "JSON")}: clients × rows a request", "to bare, as many rows a run as are asked at once (256 at most)", "to bare, rows of one request");
    foreach (var rows in rowCounts)
    {
        foreach (var clients in clientCounts)
        {
            var served = await ServedSession.MeasureAsync(Inference.Of(servers.Http, binary, Mlp.Rows(rows)), clients, duration);
            var joined = bare[Math.Min(clients * rows, batches[^1])];
            Tables.Row($"{clients} × {rows}", served, served.RowsPerSecond / joined.RowsPerSecond, served.RowsPerSecond / bare[rows].RowsPerSecond);
        }
    }

    Tables.Memory(memory);
}

return 0;
