/**
 * The interrupt part of a test tree with the same shape as the one that the kernel's devicetree unit test uses: three controllers with one,
 * three and two cells, two maps, one map without #address-cells, a controller that maps to itself, and devices on all of them.
 */
export const INTERRUPTS_DTS = `/dts-v1/;
/ {
  testcase-data {
    #address-cells = <1>;
    #size-cells = <1>;

    interrupts {
      #address-cells = <1>;
      #size-cells = <1>;

      intc0: intc0 { interrupt-controller; #interrupt-cells = <1>; };
      intc1: intc1 { interrupt-controller; #interrupt-cells = <3>; };
      intc2: intc2 { interrupt-controller; #interrupt-cells = <2>; };

      intmap0: intmap0 {
        #interrupt-cells = <1>;
        #address-cells = <0>;
        interrupt-map = <1 &intc0 9>, <2 &intc1 10 11 12>, <3 &intc2 13 14>, <4 &intc2 15 16>;
      };

      // No #address-cells: the number is the parent's, one, and the unit address takes part.
      intmap1: intmap1 {
        #interrupt-cells = <2>;
        interrupt-map = <0x5000 1 2 &intc0 15>;
      };

      intmap2: intmap2 {
        #interrupt-cells = <2>;
        #address-cells = <0>;
        interrupt-map = <1 11 &intc0 100>, <2 22 &intc1 200 201 202>, <3 33 &intc2 300 301>, <4 44 &intc2 400 401>;
      };

      intc_intmap0: intc-intmap0 {
        #interrupt-cells = <1>;
        #address-cells = <1>;
        interrupt-controller;
        interrupt-map = <0x6000 1 &intc_intmap0 0x7000 2>;
      };

      interrupts0 { interrupt-parent = <&intc0>; interrupts = <1>, <2>, <3>, <4>; };
      interrupts1 { interrupt-parent = <&intmap0>; interrupts = <1>, <2>, <3>, <4>; };

      interrupts-extended0 {
        reg = <0x5000 0x100>;
        interrupts-extended = <&intc0 1>, <&intc1 2 3 4>, <&intc2 5 6>, <&intmap0 1>, <&intmap0 2>, <&intmap0 3>, <&intmap1 1 2>;
      };

      interrupts2 { reg = <0x6000 0x100>; interrupts-extended = <&intc_intmap0 1>; };
    };

    testcase-device1 { interrupt-parent = <&intc0>; interrupts = <1>; };
    // Three cells are needed, one is given.
    testcase-device2 { interrupt-parent = <&intc1>; interrupts = <1>; };
  };
};
`;
