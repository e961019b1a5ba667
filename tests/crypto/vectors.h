/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts to test crypto modules against, in hexadecimal: the examples of RFC 6507 and RFC 6508, and
 * points that must be refused, computed from them on the curve of RFC 6509 appendix A.
 */
#ifndef MUSTER_TESTS_CRYPTO_VECTORS_H
#define MUSTER_TESTS_CRYPTO_VECTORS_H

/* RFC 6507 appendix A; the identifier is that of RFC 6508 as well. */
#define RFC_IDENTIFIER "323031312d30320074656c3a2b34343737303039303031323300"

#define RFC6507_MESSAGE "6d65737361676500"

#define RFC6507_KPAK                                                                               \
    "0450d4670bde75244f28d2838a0d25558a7a72686d4522d4c8273fb6442aebfa93dbdd37551afd263b5dfd61"     \
    "7f3960c65a8c298850ff99f20366dce7d4367217f4"

#define RFC6507_SSK "23f374ae1f4033f3e9dbddaaef20f4cf0b86bbd5a138a5ae9e7e006b34489a0d"

#define RFC6507_PVT                                                                                \
    "04758a142779be89e829e71984cb40ef758cc4ad775fc5b9a3e1c8ed52f6fa36d9a79d247692f4eda3a6bdab"     \
    "77d6aa6474a464ae4934663c5265ba7018ba091f79"

#define RFC6507_SIGNATURE                                                                          \
    "269d4c8fdeb66a74e4ef8c0d5dcc597ddfe6029c2affc4936008cd2cc1045d81e09b528d0ef8d6df1aa3ecbf"     \
    "80110cfcec9fc68252cebb679f4134846940ccfd04758a142779be89e829e71984cb40ef758cc4ad775fc5b9"     \
    "a3e1c8ed52f6fa36d9a79d247692f4eda3a6bdab77d6aa6474a464ae4934663c5265ba7018ba091f79"

/* RFC 6508 appendix A. Its Z and the KPAK above make up one domain here. */
#define RFC6508_Z                                                                                  \
    "045958ef1b1679bf099b3a030df255aa6a23c1d8f143d4d23f753e69bd27a832f38cb4ad53ddef4260b0fe8b"     \
    "b45c4c1ff510effe300367a37b61f701d914aef09724825fa0707d61a6dff4fbd7273566cdde352a0b04b7c1"     \
    "6a78309be640697de747613a5fc195e8b9f328852a579db8f99b1d0034479ea9c5595f47c4b2f54ff21508d3"     \
    "7514dcf7a8e143a6058c09a6bf2c9858ca37c258065ae6bf7532bc8b5b63383866e0753c5ac0e72709f8445f"     \
    "2e6178e065857e0eda10f68206b63505ed87e534fb2831ff957fb7dc619dae61301eeacc2fda3680ea499925"     \
    "8a833cea8fc67c6d19487fb449059f26cc8aab655ab58b7cc796e24e9a394095754f5f8bae"

#define RFC6508_RSK                                                                                \
    "0493af67e5007ba6e6a80da793da300fa4b52d0a74e25e6e7b2b3d6ee9d18a9b5c5023597bd82d8062d34019"     \
    "563ba1d25c0dc56b7b979d74aa50f29fbf11cc2c93f5dfca615e609279f6175ceadb00b58c6bee1e7a2a47c4"     \
    "f0c456f05259a6fa94a634a40dae1df593d4fecf688d5fc678be7efc6df3d6835325b83b2c6e69036b155f0a"     \
    "27241094b04bfb0bdfac6c670a65c325d39a069f03659d44ca27d3be8df311172b554160181cbe94a2a78332"     \
    "0ced590bc42644702cf371271e496bf20f588b78a1bc01ecbb6559934bdd2fb65d2884318a33d1a42adf5e33"     \
    "cc5800280b28356497f87135bab9612a17260424409ac15fee996b744c332151235decb0f5"

#define RFC6508_SSV "123456789abcdef0123456789abcdef0"

#define RFC6508_DATA                                                                               \
    "0444e8ad44ab8592a6a5a3ddca5cf896c718043606a01d650def37a01f37c228c332fc317354e2c274d4daf8"     \
    "ad001054c76ce57971c6f4486d5723043261c506ebf5be438f53de04f067c776e0dd3b71a6290133283725a5"     \
    "32f21af145126dc1d777ecc27be50835bd28098b8a73d9f801d893793a41ff5c49b87e79f2be4d56ce557e13"     \
    "4ad85bb1d4b9ce4f8be4b08a12babf55b1d6f1d7a638019ea28e15ab1c9f76375fdd1210d4f4351b9a009486"     \
    "b7f3ed46c965ded2d80dade4f38c6721d52c3ad103a10ebd2959248b4ef006836bf097448e6107c9edee9fb7"     \
    "04823df199f832c905ae45f8a247a072d8ef729eabc5e27574b07739b34be74a532f747b8689e0bc661aa1e9"     \
    "1638e6acc84e496507"

/* A point of order 4, and points of the curve that are in no subgroup of order q: the RFC's R, Z
 * and RSK with the point (0, 0), of order 2, or with the one of order 4 added. */
#define ORDER_4_POINT                                                                              \
    "042ab8b4c0cebf79166b352bf4351a3f8872a7fe62294530f38ab8b315e326221147f96a70f71b9175d4cc0c"     \
    "f6a006e6dc2dbc29ef4528780ec61a1bcf5ffc84280c3e47334dd5c19649686dadfbdcadbe7350b93e9024fc"     \
    "510eb314d447d867956310dcfa834cea2a394fe4ed1623e0713373b61f1c09cd10bb681b84c1f826ba8c1082"     \
    "84ecad95f76be5c8a8d8b08222084c5204e71657482725cdd6493e0d321e4d1f71e8b2fddf1cac9e27788922"     \
    "3f9f22978747207482841ebf6ec1d414d0bcb94d96eba2340a5682e44b4dcb21ab01ce27abe021a307c5ce73"     \
    "216dedbc1f3d215d7cbeca210b9d2b1f271b165814504ef5d05d4902766e939464d3013e46"

#define R_PLUS_ORDER_2                                                                             \
    "044366e17332ed200cfdf1a63040ea6e83d2d6416f613238fdb91173f9290cc2bb0a820209f62dafca141ff1"     \
    "557669196fe47ba3cae76a5dfe43e1f2e915549dfcf6f9e38f9e291cde0228f7cf1529c8bf66384d64791efe"     \
    "86b6bca2504b1c80f4db9f0ba1b10ace21cdf4eae4cb2be2754a8167337fce89c64e59157b5080a9cb40ff51"     \
    "2ba44f48f5c98331e9e8848fcada12d21dc5b8b60879707fd5ed5b3ec4d2eb735af1118b9978e505b834f0a8"     \
    "4e84740371132cb3d980297c3e26e7cfb0c9d5c0a4aece78316309df7074b0e2cdbe61c79770077268011b7e"     \
    "cf6f9d3de6fddacc02d18ece995d750ce44f9a2f57e5ccf3048d4d053e0edac4293e5cd58c"

#define R_PLUS_ORDER_4                                                                             \
    "045b6d5dd1715b3f287dc665929ec4106d047b1097a3735828f2029ba1ebf8aa02df21bee29784841cde7873"     \
    "ac02b27e2d61520a5051e8f13fbe4c1def2ee3b2611c949b7f48821a43af3aecc1f133b3355eb2535fdc56cd"     \
    "beabc4f421ecad43878e6a4dd41de216666e924ab29052a97c82f0aa7d78db0014f0caa690cbb8ef2d009e3d"     \
    "e75b0848633a5e7b12808f36d117b6e1548ed42fc6bf0c5abf95d138e847efb75a346e06670136c8b20042e1"     \
    "a21456af6be6c46c966642a4d8cc53dcbaf89a7b68f9baf45006204af3a61a92dbf774c54a12204838485810"     \
    "e59e9a0f1107675d65c63ddff4cba32d9dc1d809255cc033a94086c6d70f4eb3d1d838eb98"

#define Z_PLUS_ORDER_2                                                                             \
    "04159224e0c3e0df1f19951145aa215aad70cdfa6f7ae3927ba031b51708603fba8013c614d31d24296006f2"     \
    "25e2508c05e02632e9b371d444b7fc070e4412396383f53c4b457a9e057ffb5e8fda97bdb72e4f1a564f47a7"     \
    "6ef19ce7923010a33f5cd0db1a3b919d15fc5de1a3993cf7afd6abbfb8ce2dd23adacf8780b835563d89a022"     \
    "4c35ff829db2c173f800d6784e5d2eb313e69be46ff8deb2a9c420d50fb3f259ce9826e59d7b79fde282a2c0"     \
    "6b07428a846c5fb913a670ef3279c3ed5d21d33f6c18c0ab9369dc057665af4918bf42a98e40cad41032cae8"     \
    "342475b47ca4a27bf1c67691e209a9ecd31ad432336c342d60b70198b9bdd67db449f922d7"

#define RSK_PLUS_ORDER_2                                                                           \
    "043124fda80ff49f4d14bdb3ddfd54bcc8e14ddbfa371a8d502cf3db1054032b4e5335601f3c3baec810effe"     \
    "9f621fe8e663e181a67f0c8e071cfa79f0483fc56c5600d7e459dadca6a941a5b0ec993f4214c5750bbfe0b5"     \
    "d331d249dd03c4ffe72fc76d449fbe505d330027c2e1d030e6c135bf2ebe6cb60d7d86d1ce0e9a7a6e8c730c"     \
    "0c72aa8086fdd200a6348617a584567d7ea302dfe628778969cc0fdf0e155bf398ecf1744f4b83c76c9d79ff"     \
    "d620464732c7bf045b384876d44c4fef77ba6dc1345aee5a843635444a7bac520f947b0e81ff8b7b917fa4b1"     \
    "63b689031d68fbf7c7396f0774d781d5c6b00ecc2782e5d4092559c7e8a8773e3f6bde812f"

/* [2]R: of order q, but not what any SSV leads to under the RFC's H. */
#define R_DOUBLED                                                                                  \
    "0419b137e90ef89dadd7353ae1b4efa5a93f25a06d1d8c2369998b822ba9cf334c2c52af1ffd60718c0e7a77"     \
    "731d36ba177ebb33e50418ca3f9c96280f0904d2aed47c8eed5d26b0802306cfa20eb3ca1f7a6b77bfea1bef"     \
    "d2fa596182f5c0b7c1320159a1d83a9f5bd547001b8810003ea2d1b6e0ec674a81654aaf6c38709afe3e3d8d"     \
    "db5cd5598f4dd42c6c7105003d053c2e959d1c37ecef120cfc54d17dff52ff1c0a5809799193baa7d8bc4837"     \
    "676eea78bebea93789fc2447005885eeb15156b577c180056ccd1d15e01065857750057c63627e79bfc5820d"     \
    "77b87fbc461bb0d7345dbe138d2ff0ff5cea30660469299fdbeb3456cb0d0b648c7c44487e"

/* -R: the same x, the other y. */
#define R_NEGATED                                                                                  \
    "0444e8ad44ab8592a6a5a3ddca5cf896c718043606a01d650def37a01f37c228c332fc317354e2c274d4daf8"     \
    "ad001054c76ce57971c6f4486d5723043261c506ebf5be438f53de04f067c776e0dd3b71a6290133283725a5"     \
    "32f21af145126dc1d777ecc27be50835bd28098b8a73d9f801d893793a41ff5c49b87e79f2be4d56ce43fca7"     \
    "d431fa8e05abf7c20cf61fdb6786acb72fc5c2aabb869944b625ca6f12549473c805e9fe462e52153b311115"     \
    "f8f3a46cd691e9b74127bf430119ff84fbb6319383915c8faaf8063a7e75619975c618b019d07d6094b92f85"     \
    "4d99fe1810a7620da9a851267db543754a9a12df04bae3699bfc0394d41a863627cf33e465"

/* R with p added to its x or its y: the same point, not in the one form that it may have. */
#define R_UNREDUCED_X                                                                              \
    "04de636863b5dbd2810b69ef6337c8fc41597042e83cd1e76fadd28377eba242f22706dc9b37ded18ff76229"     \
    "8231b5f17854772d11bebcd2868c902c27082badbcd82aa816864951c4b8f23cae42a38e87dfb127d068aacf"     \
    "b599ea2d972ea9cb821781992b3b9f54dd24ed73adfd5f75b25959584aee7a2ad11eebfa6dbcf5b6b9557e13"     \
    "4ad85bb1d4b9ce4f8be4b08a12babf55b1d6f1d7a638019ea28e15ab1c9f76375fdd1210d4f4351b9a009486"     \
    "b7f3ed46c965ded2d80dade4f38c6721d52c3ad103a10ebd2959248b4ef006836bf097448e6107c9edee9fb7"     \
    "04823df199f832c905ae45f8a247a072d8ef729eabc5e27574b07739b34be74a532f747b86"

#define R_UNREDUCED_Y                                                                              \
    "0444e8ad44ab8592a6a5a3ddca5cf896c718043606a01d650def37a01f37c228c332fc317354e2c274d4daf8"     \
    "ad001054c76ce57971c6f4486d5723043261c506ebf5be438f53de04f067c776e0dd3b71a6290133283725a5"     \
    "32f21af145126dc1d777ecc27be50835bd28098b8a73d9f801d893793a41ff5c49b87e79f2be4d56ceeef8ce"     \
    "69e2b1f1af1f946124bf80ef8cfc2b629373a65a07f69c81fb41f5c54b9380e287c00e1ff016bc4c6f323a23"     \
    "68db7efa695da75cf1431b0ce832cdc8a60ea7358ad37a09fdaa4f511c556ea04da7473936928cf470966ef3"     \
    "569e79fb4497c79fb504dd17c244845afc78f81c5c46a854855cf2083ab254cace2e1cdb71"

/* For the RFC's identifier and Z: SSVs whose g^r begins with eight zero bits, and their H. An
 * implementation that hashes g^r without its leading zeros gets another H. */
#define SSV_OF_SHORT_POWER_1 "0000000000000000000000000000005f"
#define H_OF_SHORT_POWER_1   "d772638383a59c8938f43ff567496ec7"
#define SSV_OF_SHORT_POWER_2 "00000000000000000000000000000492"
#define H_OF_SHORT_POWER_2   "d44b22f955e3bb01546e0975593b7af7"

#endif
