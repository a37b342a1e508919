// Each Sluice is eight processes: two at a time would measure the machine, not the product.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
