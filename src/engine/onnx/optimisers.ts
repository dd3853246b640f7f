/**
 * onnxruntime's graph optimisers that find nothing in a traced step. Each walks the whole graph, several times: of a large step's
 * preparation they take half, so they are switched off by name.
 */
const quantisation = [
  'EnsureUniqueDQForNodeUnit', 'DoubleQDQPairsRemover', 'QDQPropagationTransformer', 'WeightBiasQuantization', 'WhereDummyDq', 'QDQS8ToU8Transformer',
  'QDQSelectorActionTransformer', 'QDQFinalCleanupTransformer', 'MatMulIntegerToFloatFusion', 'DynamicQuantizeMatMulFusion', 'MatMulNBitsFusion',
];
/** What a language model is made of. */
const language = [
  'AttentionFusion', 'EmbedLayerNormFusion', 'GroupQueryAttentionFusion', 'GroupQueryAttentionPreNormFusion', 'BiasSoftmaxFusion', 'BiasDropoutFusion',
  'FastGeluFusion', 'QuickGeluFusion', 'SimplifiedLayerNormFusion', 'SkipLayerNormFusion', 'BiasSkipLayerNormFusion', 'GatherToSliceFusion',
];
/** The tracer sees to these itself, or writes nothing that they could join. */
const traced = [
  'ConstantSharing', 'CommonSubexpressionElimination', 'FreeDimensionOverrideTransformer', 'SliceConcatToSpaceToDepthFusion', 'GemmActivationFusion',
  'MatMulScaleFusion', 'MatMulActivationFusion', 'NhwcTransformer', 'Level2_RuleBasedTransformer',
];

/** As onnxruntime takes them. */
export const idleOptimisers = [...quantisation, ...language, ...traced].join(';');
