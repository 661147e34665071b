package import Models

/// The families a run can pretrain.
package enum ModelFamily: String, Sendable, CaseIterable, ConfigurationChoice {
    case albert
    case bert

    /// A model of this family; its dimensions are yet to be given.
    var defaults: ModelConfiguration {
        switch self {
        case .albert: .albert(AlbertConfiguration())
        case .bert: .bert(BertConfiguration())
        }
    }
}

extension ModelSection {
    /// The keys of a model's configuration; nil if its family is none that a run can pretrain.
    package init?(_ configuration: ModelConfiguration) {
        self.init()
        let encoder = configuration.encoder
        vocabSize = encoder.vocabularySize
        hiddenSize = encoder.hiddenSize
        numHiddenLayers = encoder.layerCount
        numAttentionHeads = encoder.headCount
        intermediateSize = encoder.intermediateSize
        hiddenAct = encoder.activation
        hiddenDropoutProb = encoder.hiddenDropoutRate
        attentionProbsDropoutProb = encoder.attentionDropoutRate
        maxPositionEmbeddings = encoder.maximumPositions
        typeVocabSize = encoder.tokenTypeCount
        initializerRange = encoder.initializerRange
        layerNormEps = encoder.layerNormEpsilon
        padTokenID = encoder.paddingID
        switch configuration {
        case .albert(let albert):
            type = .albert
            embeddingSize = albert.embeddingSize
            numHiddenGroups = albert.groupCount
            innerGroupNum = albert.innerLayerCount
            classifierDropoutProb = albert.classifierDropoutRate
            bosTokenID = albert.beginningID
            eosTokenID = albert.endID
        case .bert(let bert):
            type = .bert
            classifierDropoutProb = bert.classifierDropoutRate
        case .distilbert, .roberta: return nil
        }
    }

    /// What the Models room builds the network from.
    package var configuration: ModelConfiguration {
        switch type {
        case .albert:
            var albert = AlbertConfiguration()
            setCommonKeys(of: &albert)
            albert.embeddingSize = embeddingSize
            albert.groupCount = numHiddenGroups
            albert.innerLayerCount = innerGroupNum
            albert.classifierDropoutRate = classifierDropoutProb ?? albert.classifierDropoutRate
            albert.beginningID = bosTokenID
            albert.endID = eosTokenID
            return .albert(albert)
        case .bert:
            var bert = BertConfiguration()
            setCommonKeys(of: &bert)
            bert.classifierDropoutRate = classifierDropoutProb
            return .bert(bert)
        }
    }

    private func setCommonKeys(of configuration: inout some EncoderConfiguration) {
        configuration.vocabularySize = vocabSize
        configuration.hiddenSize = hiddenSize
        configuration.layerCount = numHiddenLayers
        configuration.headCount = numAttentionHeads
        configuration.intermediateSize = intermediateSize
        configuration.activation = hiddenAct
        configuration.hiddenDropoutRate = hiddenDropoutProb
        configuration.attentionDropoutRate = attentionProbsDropoutProb
        configuration.maximumPositions = maxPositionEmbeddings
        configuration.tokenTypeCount = typeVocabSize
        configuration.initializerRange = initializerRange
        configuration.layerNormEpsilon = layerNormEps
        configuration.paddingID = padTokenID
    }
}
